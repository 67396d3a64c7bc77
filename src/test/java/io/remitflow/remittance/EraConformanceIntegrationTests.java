package io.remitflow.remittance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.remitflow.intake.IntakeFile;
import io.remitflow.local.BooksTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/**
 * Receives the files of a directory that is not part of the project, and expects of each what the table says: posted, held
 * or rejected with a reason. None of their claims is ours, so what is posted waits in suspense.
 */
@BooksTest
class EraConformanceIntegrationTests {

    private static final Path SAMPLES = Path.of(System.getProperty("remitflow.samples", "../shared/samples/835"));

    /** File, then states of its remittances, or why it is rejected and what a person can do. */
    private static final List<String> EXPECTED = """
            bad_se_count_claim_unbalanced.835 | rejected: There are 16 segments from ST to SE, but SE says 17 (segment 18, SE01, character 631); cannot be let in: its money does not balance: Claim 1: charge 2000.00 less adjustments 999.00 is 1001.00, but the payer says it paid 1500.50 (499.50 too much); the adjustments of the claim add up to those of its lines, as if given twice
            bcbsnc_no_envelope_malformed.835 | rejected: The file begins with ST: the envelope (ISA, GS) around the transaction is missing (character 0); cannot be let in: with that put right, something else is wrong: The charge of the line is missing (segment 30, SVC02, character 782)
            denied_mult_loops.835 | 1 posted
            dental_9clp_single_check.835 | 1 posted
            disney_1st_plb_90.835 | rejected: There are 1 transactions in the group, but GE says 10 (segment 34, GE01, character 980); can be let in with There are 1 transactions in the group, but GE says 10 (segment 34, GE01, character 980)
            disney_2st_same_trn_plb_90.835 | rejected: There are 2 transactions in the group, but GE says 10 (segment 65, GE01, character 1853); can be let in with There are 2 transactions in the group, but GE says 10 (segment 65, GE01, character 1853); The control number of GE is not that of its GS (segment 65, GE02, character 1853)
            emedny_3clp_10svc_oneline.835 | 1 posted
            emedny_segterm_newline.835 | 1 duplicate
            exhaustive_zero_pay_no_envelope.835 | rejected: The file begins with ST: the envelope (ISA, GS) around the transaction is missing (character 0); cannot be let in: with that put right, something else is wrong: The currency of the payment is not USD (segment 6, CUR02, character 283)
            hdi_3st_plb_wo_72.835 | 2 held for TRANSACTION_BALANCES, 1 posted
            hdi_denial.835 | 1 posted
            minimal_chk_5010_bad_se_count.835 | rejected: The ISA must have exactly 106 characters: ISA08 has 14 instead of 15 (segment 1, ISA08, character 54); can be let in with The ISA is padded to its 106 characters; There are 14 segments from ST to SE, but SE says 15 (segment 16, SE01, character 489)
            moov_single_claim_unbalanced_claim.835 | 1 held for CLAIM_BALANCES
            nv_medicaid_3st_isa_collapsed_malformed.835 | rejected: The ISA must have exactly 106 characters: ISA02 has 1 instead of 10 (segment 1, ISA02, character 7); can be let in with The ISA is padded to its 106 characters; The control number of IEA is not that of its ISA (segment 67, IEA02, character 2035)
            perf_156_interchanges_468clp.835 | 156 duplicate
            plus_delimiter_prose_header_malformed.835 | rejected: There are 474 characters of other text before the ISA (character 0); can be let in with 474 characters of other text before the ISA are left out
            prose_header_two_plb_unbalanced.835 | rejected: There are 472 characters of other text before the ISA (character 0); cannot be let in: its money does not balance: The payment: claims paid 1222.00 less provider adjustments -2.54 is 1224.54, but the payment is 1222.00 (2.54 too little)
            reversals_clp02_22_5010_bom_indented.835 | rejected: The file begins with a byte order mark (three bytes) before the ISA (character 0); cannot be let in: with that put right, something else is wrong: The charge of the claim is missing (segment 98, CLP03, character 3831)
            stupidedi_era_sample.835 | 1 posted
            tr3_cob_contractual_adjustment.835 | 1 posted
            tr3_medicare_part_a_plb_cv.835 | 1 posted
            two_st_negative_bpr_plb_50.835 | 1 held for CLAIM_BALANCES and PAYMENT_NOT_NEGATIVE, 1 held for PAYMENT_NOT_NEGATIVE
            uhc_2clp_subsep-gt.835 | 1 posted
            """.lines().toList();

    @TestFactory
    Stream<DynamicTest> eachKnownFileIsPostedHeldOrRejectedWithAReason(@Autowired ApplicationContext context) {
        assumeTrue(Files.isDirectory(SAMPLES), () -> "no sample files at " + SAMPLES.toAbsolutePath());
        var books = new RemittanceBooks(context);
        return EXPECTED.stream().map(line -> {
            var parts = line.split("\\|", 2);
            var file = SAMPLES.resolve(parts[0].strip());
            return DynamicTest.dynamicTest(parts[0].strip(), () -> {
                assumeTrue(Files.exists(file), "not among the samples");
                assertThat(outcome(books, file)).isEqualTo(parts[1].strip());
            });
        });
    }

    private static String outcome(RemittanceBooks books, Path path) {
        try {
            var receipt = books.receive(path.getFileName().toString(), Files.readAllBytes(path));
            if (receipt.file().state() == IntakeFile.State.REJECTED) {
                return books.hospital.call(() -> {
                    var file =
                            books.bean(RejectedFiles.class).get(receipt.file().id());
                    return "rejected: %s; %s"
                            .formatted(
                                    file.reason(),
                                    file.isConfirmable()
                                            ? "can be let in with " + String.join("; ", file.repairs())
                                            : file.obstacle() == null
                                                    ? "nothing can be put right"
                                                    : "cannot be let in: " + file.obstacle());
                });
            }
            return receipt.remittances().stream()
                    .collect(Collectors.groupingBy(
                            part -> outcome(books, part), java.util.TreeMap::new, Collectors.counting()))
                    .entrySet()
                    .stream()
                    .map(each -> each.getValue() + " " + each.getKey())
                    .collect(Collectors.joining(", "));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String outcome(RemittanceBooks books, Receipt.Part part) {
        String state = part.state().name().toLowerCase(java.util.Locale.ROOT);
        return part.state() != RemittanceState.HELD
                ? state
                : state + " for "
                        + String.join(
                                " and ",
                                books.queryAll(
                                        "select distinct rule from billing_remittance_findings where holds and remittance_id = '%s' order by 1"
                                                .formatted(part.id()),
                                        String.class));
    }
}
