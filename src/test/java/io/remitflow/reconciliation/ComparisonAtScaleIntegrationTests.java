package io.remitflow.reconciliation;

import io.remitflow.local.BooksTest;
import io.remitflow.local.KnownDifferences;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** The counts of the benchmark, with few enough records for every build. */
@BooksTest
class ComparisonAtScaleIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Test
    void whatDiffersBetweenTwentyThousandPaymentsAndTheirTransactionsIsFoundExactly() {
        var payments = new ReportedPayments(context, new KnownDifferences(20_000));
        try {
            payments.compare(Runnable::run);
        } finally {
            payments.hospital().forget();
        }
    }
}
