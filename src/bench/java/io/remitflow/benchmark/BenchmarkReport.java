package io.remitflow.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Tables of one run, printed and written to {@code target/benchmarks/<name>.md}. */
public final class BenchmarkReport {

    private final String name;
    private final List<String> lines = new ArrayList<>();

    public BenchmarkReport(String name, String title) {
        this.name = name;
        lines.add("# " + title);
        lines.add("");
        lines.add("%d processors, Java %s, heap %,d MB"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        Runtime.version(),
                        Runtime.getRuntime().maxMemory() / 1_000_000));
    }

    public BenchmarkReport text(String text) {
        lines.add("");
        lines.add(text);
        return this;
    }

    public BenchmarkReport table(List<String> columns, List<List<String>> rows) {
        lines.add("");
        lines.add(row(columns));
        lines.add("| --- ".repeat(columns.size()) + "|");
        rows.forEach(row -> lines.add(row(row)));
        return this;
    }

    /** Also prints it. */
    public void write() {
        String text = String.join("\n", lines) + "\n";
        System.out.println("\n" + text);
        try {
            Files.writeString(
                    Files.createDirectories(Path.of("target/benchmarks")).resolve(name + ".md"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String row(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |";
    }
}
