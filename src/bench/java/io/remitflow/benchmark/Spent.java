package io.remitflow.benchmark;

import io.remitflow.local.LocalPostgres;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * What a piece of work took, by the clock and of the processors; others who use the machine change the second least.
 *
 * @param cpuSeconds of the working thread, and of the database's processes where it works with one
 */
public record Spent(double seconds, double cpuSeconds) {

    public static final Spent NOTHING = new Spent(0, 0);

    public static Spent on(Callable<?> work) throws Exception {
        return on(() -> Duration.ZERO, work);
    }

    public static Spent on(LocalPostgres database, Callable<?> work) throws Exception {
        return on(database::cpuTime, work);
    }

    /** For work that throws nothing checked. */
    public static Spent unchecked(LocalPostgres database, Runnable work) {
        try {
            return on(database::cpuTime, () -> {
                work.run();
                return NOTHING;
            });
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Spent on(java.util.function.Supplier<Duration> others, Callable<?> work) throws Exception {
        Duration othersBefore = others.get();
        long cpuBefore = cpuNanos();
        long started = System.nanoTime();
        Object unused = work.call();
        long took = System.nanoTime() - started;
        long cpu = cpuNanos() - cpuBefore + others.get().minus(othersBefore).toNanos();
        return new Spent(took / 1e9, cpu / 1e9);
    }

    public Spent plus(Spent more) {
        return new Spent(seconds + more.seconds, cpuSeconds + more.cpuSeconds);
    }

    /** The one in the middle by its CPU time. */
    public static Spent median(List<Spent> all) {
        return all.stream()
                .sorted(Comparator.comparingDouble(Spent::cpuSeconds))
                .toList()
                .get(all.size() / 2);
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
