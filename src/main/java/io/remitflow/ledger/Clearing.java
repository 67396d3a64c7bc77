package io.remitflow.ledger;

import java.util.List;
import org.joda.money.Money;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** What is still open between an outside event and its counterpart. */
@Service
public class Clearing {

    /** Debit minus credit of one reference; zero when it is settled or was never seen. */
    @Transactional(readOnly = true)
    public Money balance(StandardAccount account, ClearingReference reference) {
        throw new UnsupportedOperationException();
    }

    /** All references whose balance is not zero, oldest first. */
    @Transactional(readOnly = true)
    public List<OpenReference> open() {
        throw new UnsupportedOperationException();
    }
}
