package io.remitflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Habits of the house that no compiler knows. */
class TidyTests {

    private static final Pattern BANNED_SUFFIX =
            Pattern.compile("\\w+(Impl|(?<!Transaction)Manager|Helper|Util|Utils|Dto|DTO|Entity|Data|Info)\\.java");
    private static final Pattern LEFTOVER = Pattern.compile("\\b(FIXME|TODO)\\b");
    private static final List<String> TEXT = List.of(
            ".java",
            ".sql",
            ".html",
            ".js",
            ".css",
            ".yaml",
            ".yml",
            ".bpmn",
            ".dmn",
            ".form",
            ".md",
            ".xml",
            ".properties");

    @Test
    void namesSayWhatAThingIs() throws IOException {
        assertThat(files("src").map(file -> file.getFileName().toString()).filter(BANNED_SUFFIX.asMatchPredicate()))
                .as("name the thing, not its kind: Refunds, RefundRow, RefundForm")
                .isEmpty();
    }

    @Test
    void nothingIsLeftUnfinished() throws IOException {
        assertThat(linesWith(LEFTOVER)).as("finish it, or write an issue").isEmpty();
    }

    @Test
    void linesAreIndentedWithSpaces() throws IOException {
        assertThat(linesWith(Pattern.compile("^ *\\t"))).isEmpty();
    }

    @Test
    void noConditionStandsBesideAReplacementThatIgnoresIt() throws IOException {
        Pattern ignored = Pattern.compile(
                "<[^<]*\\bth:(if|unless|each)=[^<]*\\bth:replace=|<[^<]*\\bth:replace=[^<]*\\bth:(if|unless|each)=");
        assertThat(linesWith(ignored))
                .as("Thymeleaf replaces before it asks: use th:insert, or put the condition on an element around it")
                .isEmpty();
    }

    @Test
    void rowsAreLockedWithoutTheirKeys() throws IOException {
        assertThat(linesWith(Pattern.compile("(?i)\\bfor update\\b"), List.of("src/main/java")))
                .as("for no key update: a lock of the key waits for whoever refers to the row (decision 0114)")
                .isEmpty();
    }

    private static List<String> linesWith(Pattern pattern) throws IOException {
        return linesWith(pattern, List.of("src", "bpmn", "dmn", "camel-routes", "docs"));
    }

    private static List<String> linesWith(Pattern pattern, List<String> roots) throws IOException {
        var found = new ArrayList<String>();
        for (String root : roots) {
            for (Path file : files(root).toList()) {
                if (TEXT.stream().noneMatch(file.toString()::endsWith) || file.endsWith("TidyTests.java")) {
                    continue;
                }
                var lines = read(file);
                for (int i = 0; i < lines.size(); i++) {
                    if (pattern.matcher(lines.get(i)).find()) {
                        found.add(file + ":" + (i + 1));
                    }
                }
            }
        }
        return found;
    }

    private static List<String> read(Path file) throws IOException {
        try {
            return Files.readAllLines(file);
        } catch (MalformedInputException notText) {
            return List.of();
        }
    }

    private static Stream<Path> files(String root) throws IOException {
        Path directory = Path.of(root);
        if (!Files.isDirectory(directory)) {
            return Stream.empty();
        }
        try (var walk = Files.walk(directory)) {
            return walk.filter(Files::isRegularFile).toList().stream();
        }
    }
}
