package io.remitflow.refunds;

import java.util.UUID;
import org.springframework.stereotype.Service;

/** Refunds from request to money returned. */
@Service
public class Refunds {

    public UUID request(RefundRequest request) {
        throw new UnsupportedOperationException();
    }
}
