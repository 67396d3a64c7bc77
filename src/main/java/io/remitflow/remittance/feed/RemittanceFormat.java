package io.remitflow.remittance.feed;

import io.remitflow.remittance.EraHandler;
import io.remitflow.remittance.RemittanceReader;
import io.remitflow.remittance.SegmentSelection;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.springframework.stereotype.Component;

/** Lets the module read an 835 without knowing its parser. */
@Component
class RemittanceFormat implements RemittanceReader {

    private final EraReader reader = new EraReader();

    @Override
    public void read(InputStream bytes, EraHandler handler) {
        try {
            reader.read(bytes, handler);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void readRepaired(InputStream bytes, EraHandler handler, List<String> repairs) {
        try {
            reader.readRepaired(bytes, handler, repairs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void readSegments(InputStream bytes, boolean repaired, SegmentSelection selection) {
        try {
            SegmentScan.of(bytes, repaired).read(selection);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
