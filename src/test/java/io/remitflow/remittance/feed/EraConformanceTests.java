package io.remitflow.remittance.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.remitflow.remittance.Imbalance;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Reads the files of a directory that is not part of the project, and expects of each what the table says. */
class EraConformanceTests {

    private static final Path SAMPLES = Path.of(System.getProperty("remitflow.samples", "../shared/samples/835"));

    /** File, outcome, transactions, claims; then rules broken or the reason and the place. */
    private static final List<String> EXPECTED = """
            bad_se_count_claim_unbalanced.835          | rejected WRONG_CONTROL_COUNT SE01
            bcbsnc_no_envelope_malformed.835           | rejected NO_ENVELOPE character 0
            denied_mult_loops.835                      | balanced 1 1
            dental_9clp_single_check.835               | balanced 1 9
            disney_1st_plb_90.835                      | rejected WRONG_CONTROL_COUNT GE01
            disney_2st_same_trn_plb_90.835             | rejected WRONG_CONTROL_COUNT GE01
            emedny_3clp_10svc_oneline.835              | balanced 1 3
            emedny_segterm_newline.835                 | balanced 1 3
            exhaustive_zero_pay_no_envelope.835        | rejected NO_ENVELOPE character 0
            hdi_3st_plb_wo_72.835                      | held 3 1 TRANSACTION_BALANCES
            hdi_denial.835                             | balanced 1 1
            minimal_chk_5010_bad_se_count.835          | rejected WRONG_ISA_LENGTH ISA08
            moov_single_claim_unbalanced_claim.835     | held 1 1 CLAIM_BALANCES
            nv_medicaid_3st_isa_collapsed_malformed.835| rejected WRONG_ISA_LENGTH ISA02
            perf_156_interchanges_468clp.835           | balanced 156 468
            plus_delimiter_prose_header_malformed.835  | rejected TEXT_BEFORE_ISA character 0
            prose_header_two_plb_unbalanced.835        | rejected TEXT_BEFORE_ISA character 0
            reversals_clp02_22_5010_bom_indented.835   | rejected BYTE_ORDER_MARK character 0
            stupidedi_era_sample.835                   | balanced 1 1
            tr3_cob_contractual_adjustment.835         | balanced 1 1
            tr3_medicare_part_a_plb_cv.835             | balanced 1 2
            two_st_negative_bpr_plb_50.835             | held 2 2 CLAIM_BALANCES,PAYMENT_NOT_NEGATIVE
            uhc_2clp_subsep-gt.835                     | balanced 1 2
            """.lines().toList();

    @TestFactory
    Stream<DynamicTest> eachKnownFileEndsAsExpected() {
        assumeTrue(Files.isDirectory(SAMPLES), () -> "no sample files at " + SAMPLES.toAbsolutePath());
        return EXPECTED.stream().map(line -> {
            var parts = line.split("\\|");
            var file = SAMPLES.resolve(parts[0].strip());
            return DynamicTest.dynamicTest(parts[0].strip(), () -> {
                assumeTrue(Files.exists(file), "not among the samples");
                var expected = parts[1].strip();
                var outcome = outcome(file);
                if (expected.startsWith("rejected ")) {
                    var words = expected.split(" ", 3);
                    assertThat(outcome).startsWith("rejected " + words[1]).contains(words[2]);
                } else {
                    assertThat(outcome).isEqualTo(expected);
                }
            });
        });
    }

    /** Files nobody has written an expectation for must at least end in one of the three ways. */
    @TestFactory
    Stream<DynamicTest> everyOtherFileIsReadOrRejected() throws IOException {
        assumeTrue(Files.isDirectory(SAMPLES), () -> "no sample files at " + SAMPLES.toAbsolutePath());
        Set<String> known =
                EXPECTED.stream().map(line -> line.split("\\|")[0].strip()).collect(Collectors.toSet());
        List<Path> files;
        try (var all = Files.list(SAMPLES)) {
            files = all.filter(Files::isRegularFile)
                    .filter(file -> !known.contains(file.getFileName().toString()))
                    .sorted()
                    .toList();
        }
        return Stream.concat(
                Stream.of(DynamicTest.dynamicTest(
                        "directory", () -> assertThat(SAMPLES).isDirectory())),
                files.stream()
                        .map(file -> DynamicTest.dynamicTest(
                                file.getFileName().toString(),
                                () -> assertThat(outcome(file)).matches("(?s)(balanced|held|rejected) .*"))));
    }

    private static String outcome(Path file) throws IOException {
        try (var stream = new BufferedInputStream(Files.newInputStream(file))) {
            var era = RecordedEra.of(stream);
            if (era.rejected != null) {
                return "rejected %s %s".formatted(era.rejected.reason(), era.rejected.getMessage());
            }
            var counts = "%d %d".formatted(era.transactions.size(), era.claims.size());
            if (era.isBalanced()) {
                return "balanced " + counts;
            }
            return "held %s %s"
                    .formatted(
                            counts,
                            era.totals.stream()
                                    .flatMap(each -> each.balance().imbalances().stream())
                                    .map(Imbalance::rule)
                                    .map(Enum::name)
                                    .distinct()
                                    .sorted()
                                    .collect(Collectors.joining(",")));
        }
    }
}
