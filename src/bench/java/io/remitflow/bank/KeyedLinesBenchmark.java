package io.remitflow.bank;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.benchmark.MatchingReport;
import io.remitflow.benchmark.ReferenceMatching;
import io.remitflow.benchmark.Spent;
import io.remitflow.local.BooksTest;
import io.remitflow.local.KnownDifferences;
import io.remitflow.local.TestServices;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** Bank lines against what is open in clearing, by their keys. Times are never asserted, results and memory always. */
@BooksTest
class KeyedLinesBenchmark {

    private static final int RECORDS = Integer.getInteger("remitflow.bench.records", 1_000_000);
    private static final int ROUNDS = Integer.getInteger("remitflow.bench.rounds", 3);
    private static final long FLAT = 20_000_000;

    @Autowired
    ApplicationContext context;

    @Test
    void comparesLinesWithOpenReferences() throws Exception {
        var known = new KnownDifferences(RECORDS);
        var report = new MatchingReport(RECORDS);
        var reference = new ReferenceMatching(TestServices.postgres(), known);
        var lines = new WaitingLines(context, known);
        try {
            for (int round = -1; round < ROUNDS; round++) {
                Spent theirs = reference.run();
                var ours = new Spent[1];
                long[] allocated = {0};
                lines.compare(() -> {
                    long before = MatchingReport.allocatedBytes();
                    ours[0] = Spent.unchecked(TestServices.postgres(), lines::compareAll);
                    allocated[0] = MatchingReport.allocatedBytes() - before;
                });
                assertThat(allocated[0]).as("memory of a round").isLessThan(FLAT);
                if (round >= 0) {
                    report.reference(theirs);
                    report.ours(ours[0], allocated[0]);
                }
            }
        } finally {
            reference.drop();
            lines.hospital().forget();
        }
        report.write(
                "bank-matching",
                "Bank lines against open references, by key",
                "ours: lines that wait against references in clearing, findings stored, under row security");
    }
}
