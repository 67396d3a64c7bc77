package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.remitflow.Remitflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The guard of "never persist MICR": no class, column, form field or variable for checks may have a place for what stands in
 * the bank line or on a card. It runs with every build and fails it.
 */
class NoBankLineTests {

    private static final Pattern FORBIDDEN = Pattern.compile(
            "(?i).*(routing|micr|transit|\\baba|iban|bank_?account|account_?(no|num|number)|acct|card_?(no|num|number)|cvc|cvv|pan$).*");

    private static final Pattern OF_CHECK_TABLES =
            Pattern.compile("(?is)\\b(?:create|alter) table (?:if (?:not )?exists )?check_[a-z_]+[^;]*");

    private static final Pattern COLUMN = Pattern.compile(
            "(?im)^ +(?!add |drop |constraint )([a-z_]+) +[a-z]|\\badd column (?:if not exists )?([a-z_]+)");

    @Test
    void c48_noClassForChecksHasAPlaceForTheBankLineOrACard() {
        var classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackagesOf(Remitflow.class)
                .that(new com.tngtech.archunit.base.DescribedPredicate<>("of checks") {
                    @Override
                    public boolean test(com.tngtech.archunit.core.domain.JavaClass type) {
                        return type.getPackageName().startsWith("io.remitflow.checks");
                    }
                });
        assertThat(classes).hasSizeGreaterThan(40);

        assertThat(classes.stream().flatMap(type -> type.getFields().stream()).map(JavaField::getName))
                .noneMatch(NoBankLineTests::isForbidden);
        assertThat(classes.stream().flatMap(type -> type.getMethods().stream()).map(JavaMethod::getName))
                .noneMatch(NoBankLineTests::isForbidden);
    }

    @Test
    void c48_noTableHasOneInWhateverMigrationItIsMadeOrChanged() throws IOException {
        int statements = 0;
        for (Path file : list(Path.of("src/main/resources/db/migration")).toList()) {
            for (String statement : OF_CHECK_TABLES
                    .matcher(Files.readString(file))
                    .results()
                    .map(MatchResult::group)
                    .toList()) {
                statements++;
                assertThat(columns(statement)).as(file.toString()).noneMatch(NoBankLineTests::isForbidden);
            }
        }
        assertThat(statements).isGreaterThan(15);
    }

    @Test
    void theGuardSeesColumnsThatAreAddedLater() {
        String migration = """
                create table check_slips (
                    id uuid primary key,
                    micr_line text
                );
                alter table check_payments
                    add column seen boolean,
                    add column if not exists routing_number text;
                """;

        assertThat(OF_CHECK_TABLES
                        .matcher(migration)
                        .results()
                        .map(MatchResult::group)
                        .flatMap(one -> columns(one).stream()))
                .containsExactly("id", "micr_line", "seen", "routing_number");
    }

    @Test
    void c48_noFormAndNoVariableIsOne() throws IOException {
        try (Stream<Path> files = Stream.of(Path.of("src/main/resources/templates/checks"), Path.of("bpmn"))
                .flatMap(NoBankLineTests::list)) {
            List<Path> ofChecks = files.filter(file -> file.toString().contains("check"))
                    .filter(file -> !file.toString().contains("refund"))
                    .toList();
            assertThat(ofChecks).hasSizeGreaterThan(8);
            for (Path file : ofChecks) {
                assertThat(names(Files.readString(file))).as(file.toString()).noneMatch(NoBankLineTests::isForbidden);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "routingNumber",
                "micrLine",
                "accountNumber",
                "account_number",
                "bankAccount",
                "cardNumber",
                "cardPan"
            })
    void theGuardSeesWhatItLooksFor(String name) {
        assertThat(isForbidden(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"checkNumber", "facilityId", "invoiceNumber", "payerName", "expand", "company"})
    void theGuardLeavesOtherNamesAlone(String name) {
        assertThat(isForbidden(name)).isFalse();
    }

    private static boolean isForbidden(String name) {
        return FORBIDDEN.matcher(name).matches();
    }

    private static List<String> columns(String statement) {
        return COLUMN.matcher(statement)
                .results()
                .map(found -> found.group(1) == null ? found.group(2) : found.group(1))
                .toList();
    }

    /** Names of fields and keys of variables. */
    private static List<String> names(String text) {
        return Pattern.compile("\\bname=\"([^\"]+)\"|\"key\": \"([^\"]+)\"|(?:source|target)=\"=?([A-Za-z]+)\"")
                .matcher(text)
                .results()
                .map(found -> Stream.of(1, 2, 3)
                        .map(found::group)
                        .filter(java.util.Objects::nonNull)
                        .findFirst()
                        .orElseThrow())
                .toList();
    }

    private static Stream<Path> list(Path directory) {
        try {
            return Files.list(directory);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
