package io.remitflow.bank;

import io.remitflow.local.BooksTest;
import io.remitflow.local.KnownDifferences;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** The counts of the benchmark, with few enough records for every build. */
@BooksTest
class KeyedLinesAtScaleIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Test
    void whatDiffersBetweenTwentyThousandLinesAndWhatIsOpenInClearingIsFoundExactly() {
        var lines = new WaitingLines(context, new KnownDifferences(20_000));
        try {
            lines.compare(lines::compareAll);
        } finally {
            lines.hospital().forget();
        }
    }
}
