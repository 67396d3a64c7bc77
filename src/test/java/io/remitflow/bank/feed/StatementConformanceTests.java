package io.remitflow.bank.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.remitflow.bank.CsvProfile;
import io.remitflow.bank.StatementRejected;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Reads the bank files of a directory that is not part of the project, and expects of each what the table says: its
 * statements, or the reason why nothing of it is taken over.
 */
class StatementConformanceTests {

    private static final Path SAMPLES = Path.of(System.getProperty("remitflow.bank-samples", "../shared/samples"));

    /** Profiles an organization would have saved for these banks. */
    private static final CsvProfile[] PROFILES = {
        ReadStatements.profile(
                "DCU",
                ',',
                "DATE|TRANSACTION TYPE|DESCRIPTION|AMOUNT|ID|MEMO|CURRENT BALANCE",
                "MM/dd/yyyy",
                false,
                "DATE",
                "AMOUNT",
                null,
                null,
                "CURRENT BALANCE",
                "DESCRIPTION",
                "MEMO"),
        ReadStatements.profile(
                "Schwab",
                ',',
                "Date|Status|Type|CheckNumber|Description|Withdrawal|Deposit|RunningBalance",
                "MM/dd/yyyy",
                false,
                "Date",
                null,
                "Withdrawal",
                "Deposit",
                "RunningBalance",
                "Description"),
        ReadStatements.profile(
                "KBC",
                ';',
                "Rekeningnummer|Rubrieknaam|Naam|Munt|Afschriftnummer|Datum|Omschrijving|Valuta|Bedrag|Saldo|credit|debet|rekeningnummer tegenpartij|BIC tegenpartij|Naam tegenpartij|Adres tegenpartij|gestructureerde mededeling|Vrije mededeling",
                "dd/MM/yyyy",
                true,
                "Datum",
                "Bedrag",
                null,
                null,
                "Saldo",
                "Omschrijving"),
        ReadStatements.profile(
                "OCBC",
                ',',
                "Transaction date|Value date|Description|Withdrawals (SGD)|Deposits (SGD)",
                "dd/MM/yyyy",
                false,
                "Transaction date",
                null,
                "Withdrawals (SGD)",
                "Deposits (SGD)",
                null,
                "Description")
    };

    private static final List<String> EXPECTED = """
            bai2/moj_citi_example.bai2 | WRONG_BALANCE: Statement 1: opening balance 100.00 and lines 0.01 make 100.01, but the bank says it closes with 100.00
            bai2/moj_svb_us_example.bai2 | BAI2: 2 statements, 2 lines, sum 1395996
            bai2/moov_sample1.bai2 | BAI2: 2 statements, 17 lines, sum 0
            bai2/moov_sample3.bai2 | BAI2: 15 statements, 26 lines, sum -19705
            bai2/moov_sample4-continuations-newline-delimited.bai2 | WRONG_CONTROL_TOTAL: 49, the account, says its control total is -1260161341762, but its amounts add up to 7999960 (line 22)
            camt053/genkgo_camt053.v2.five.decimals.xml | WRONG_BALANCE: Statement 1: opening balance 18.15 and lines 8.85 make 27.00, but the bank says it closes with 27.05
            camt053/genkgo_camt053.v2.minimal.xml | WRONG_CURRENCY: The account is in EUR, this amount is in 'SEK' (line 65)
            camt053/genkgo_camt053.v2.multi.statement.xml | CAMT.053: 2 statements, 2 lines, sum 185
            camt053/genkgo_camt053.v2.wrong.xml | WRONG_STRUCTURE: The message holds no statement (Stmt)
            camt053/genkgo_camt053.v4.xml | WRONG_CURRENCY: The account is in EUR, this amount is in 'SEK' (line 85)
            camt053/genkgo_camt053.v8.xml | WRONG_CURRENCY: The account is in EUR, this amount is in 'SEK' (line 85)
            camt053/genkgo_camt054.v8.xml | NOT_A_STATEMENT: This is a notification (CAMT.054), detail of a statement, not a statement
            csv-bank/b2y_TransactionHistory.csv | CSV: 1 statement, 8 lines, sum -17328
            csv-bank/b2y_be_kbc.csv | CSV: 1 statement, 1 line, sum -340
            csv-bank/b2y_cd_flag.csv | UNKNOWN_COLUMNS: No CSV profile has exactly the columns of this file: add one to the bank account, or correct it if the bank changed its columns
            csv-bank/us_dcu_checking.csv | CSV: 1 statement, 10 lines, sum 50000
            csv-bank/us_schwab_checking.csv | WRONG_BALANCE: The balance does not follow from the rows (line 3)
            mt940/betterplace_sepa_mt9401.sta | MT940: 20 statements, 97 lines, sum -926913590
            mt940/betterplace_sepa_snippet_broken.sta | WRONG_STRUCTURE: An account stands inside of a statement (line 6, :25:)
            mt940/citi_mt940.sta | MT940: 1 statement, 3 lines, sum -114275
            mt940/cmxl_mt940.sta | MT940: 3 statements, 16 lines, sum 1232730
            mt940/jejik_abnamro.sta | WRONG_BALANCE: Statement 1: opening balance 3,236.28 and lines -321.44 make 2,914.84, but the bank says it closes with 876.84
            mt940/mBank_mt942.sta | NOT_A_STATEMENT: This is an interim report (MT942), not a statement: it has no balances (line 7, :61:)
            mt940/self-provided_february_30.sta | MT940: 1 statement, 1 line, sum -600
            mt940/self-provided_transaction_details_wrapped.sta | MT940: 1 statement, 1 line, sum -600
            nacha/ccd-debit.ach | UNKNOWN_FORMAT: This is an ACH file (NACHA), which belongs into ach-returns, not a bank statement
            ofx/ofx4j_example-response.ofx2 | OFX: 1 statement, 3 lines, sum 25000
            ofx/ofx4j_nanoxml_example-response.ofx | OFX: 1 statement, 1 line, sum 15000
            ofx/ofxparse_bank_medium.ofx | OFX: 1 statement, 3 lines, sum -34527
            ofx/ofxparse_checking.ofx | OFX: 1 statement, 3 lines, sum -5950
            ofx/ofxparse_fail_nice_decimal_error.ofx | WRONG_DATE: '20112000' is not a date (line 40)
            ofx/ofxparse_multiple_accounts.ofx | OFX: 2 statements, 0 lines, sum 0
            ofx/ofxparse_ofx-v102-empty-tags.ofx | MISSING_VALUE: The currency (CURDEF) is missing (line 23)
            835/denied_mult_loops.835 | UNKNOWN_FORMAT: This is a remittance (835), not a bank statement
            """.lines().toList();

    @TestFactory
    Stream<DynamicTest> eachKnownFileIsReadOrRejectedWithAReason() {
        assumeTrue(Files.isDirectory(SAMPLES), () -> "no sample files at " + SAMPLES.toAbsolutePath());
        return EXPECTED.stream().map(line -> {
            var parts = line.split("\\|", 2);
            var file = SAMPLES.resolve(parts[0].strip());
            return DynamicTest.dynamicTest(parts[0].strip(), () -> {
                assumeTrue(Files.exists(file), "not among the samples");
                assertThat(outcome(file)).isEqualTo(parts[1].strip());
            });
        });
    }

    static String outcome(Path file) throws IOException {
        try (var bytes = Files.newInputStream(file)) {
            return ReadStatements.of(bytes, PROFILES).words();
        } catch (StatementRejected e) {
            return "%s: %s".formatted(e.reason(), e.getMessage());
        }
    }
}
