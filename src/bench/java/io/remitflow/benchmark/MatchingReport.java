package io.remitflow.benchmark;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** What a matching of ours and its reference took, rounds interleaved. */
public final class MatchingReport {

    private final int records;
    private final List<Spent> reference = new ArrayList<>();
    private final List<Spent> ours = new ArrayList<>();
    private long allocated;

    public MatchingReport(int records) {
        this.records = records;
    }

    public void reference(Spent spent) {
        System.out.printf("reference: %.2f s, %.2f s CPU%n", spent.seconds(), spent.cpuSeconds());
        reference.add(spent);
    }

    public void ours(Spent spent, long allocatedBytes) {
        System.out.printf("ours: %.2f s, %.2f s CPU%n", spent.seconds(), spent.cpuSeconds());
        ours.add(spent);
        allocated = Math.max(allocated, allocatedBytes);
    }

    /** By this thread so far. */
    public static long allocatedBytes() {
        return ManagementFactory.getPlatformMXBean(ThreadMXBean.class).getCurrentThreadAllocatedBytes();
    }

    public void write(String name, String title, String what) {
        Spent theirs = Spent.median(reference);
        Spent mine = Spent.median(ours);
        new BenchmarkReport(name, title)
                .text("%,d records on each side, %d rounds interleaved, medians by CPU time."
                        .formatted(records, ours.size()))
                .table(
                        List.of("step", "seconds", "CPU seconds", "records/s", "/ reference", "/ reference (CPU)"),
                        List.of(
                                row("plain SQL: group both sides, join, insert what differs", theirs, theirs),
                                row(what, mine, theirs)))
                .text("Memory: %.1f MB were allocated in the application during a round, all of it garbage at once."
                        .formatted(allocated / 1e6))
                .write();
    }

    private List<String> row(String title, Spent spent, Spent theirs) {
        return List.of(
                title,
                "%.2f".formatted(spent.seconds()),
                "%.2f".formatted(spent.cpuSeconds()),
                "%,.0f".formatted(records / spent.seconds()),
                "%.2f".formatted(theirs.seconds() / spent.seconds()),
                "%.2f".formatted(theirs.cpuSeconds() / spent.cpuSeconds()));
    }
}
