package io.remitflow.workflow;

import io.camunda.client.CamundaClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.identity.Organizations;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * Sends what waits in the outbox: at once after a commit, and whatever is left in regular sweeps over all organizations.
 *
 * <p>One thread takes rows and sends them without waiting for the answers; at most {@value #IN_FLIGHT} are under way. When
 * the engine is away, everything pauses, and each failed row waits for a while of its own. An engine that is busy gets half as
 * many at once, and one more after each round that it took: it refuses what is too much, and every refusal costs both.
 */
@Component
class OutboxDispatcher implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(OutboxDispatcher.class);
    private static final int IN_FLIGHT = 64;
    private static final int MARKERS = 4;
    private static final int ATTEMPTS_IN_CONFLICT = 10;
    private static final Duration DEPLOYMENT_CHECK = Duration.ofMillis(200);
    private static final Backoff OVERLOADED = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2));
    private static final Backoff UNAVAILABLE = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(5));
    private static final Backoff ROW = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(20));

    private final Outbox outbox;
    private final CamundaClient engine;
    private final Deployments deployments;
    private final Organizations organizations;
    private final MeterRegistry meters;
    private final Duration sweepInterval;

    private final Object monitor = new Object();
    private final Set<OrganizationId> signalled = new LinkedHashSet<>();
    private final Window permits = new Window();
    private volatile ScheduledExecutorService markers = markers();

    private volatile boolean running;
    private int failuresInARow;
    private long pausedUntilNanos = System.nanoTime();
    private long nextSweepNanos = pausedUntilNanos;
    private @Nullable Thread thread;

    OutboxDispatcher(
            Outbox outbox,
            CamundaClient engine,
            Deployments deployments,
            Organizations organizations,
            MeterRegistry meters,
            @Value("${remitflow.workflow.outbox-sweep:PT5S}") Duration sweepInterval) {
        this.outbox = outbox;
        this.engine = engine;
        this.deployments = deployments;
        this.organizations = organizations;
        this.meters = meters;
        this.sweepInterval = sweepInterval;
    }

    private static ScheduledExecutorService markers() {
        return Executors.newScheduledThreadPool(
                MARKERS, Thread.ofPlatform().name("outbox-marker-", 0).daemon().factory());
    }

    @TransactionalEventListener(phase = TransactionPhase.AFTER_COMMIT)
    void committed(Outbox.Added added) {
        signal(added.organization());
    }

    private void signal(OrganizationId organization) {
        synchronized (monitor) {
            signalled.add(organization);
            monitor.notifyAll();
        }
    }

    @Override
    public void start() {
        if (markers.isShutdown()) {
            markers = markers();
        }
        running = true;
        thread = Thread.ofPlatform().name("outbox").daemon().start(this::run);
    }

    @Override
    public void stop() {
        running = false;
        synchronized (monitor) {
            monitor.notifyAll();
        }
        if (thread != null) {
            thread.interrupt();
        }
        markers.shutdown();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    private void run() {
        while (running) {
            try {
                for (var organization : waitForWork()) {
                    CurrentOrganization.run(organization, () -> send(organization));
                }
            } catch (InterruptedException e) {
                running = false;
            } catch (RuntimeException e) {
                if (running) {
                    log.warn("The outbox could not be read; it is tried again", e);
                    pause(UNAVAILABLE);
                }
            }
        }
    }

    private List<OrganizationId> waitForWork() throws InterruptedException {
        synchronized (monitor) {
            for (long wait = nanosUntilReady(); running && wait > 0; wait = nanosUntilReady()) {
                TimeUnit.NANOSECONDS.timedWait(monitor, wait);
            }
        }
        sweepIfDue();
        synchronized (monitor) {
            var work = running ? List.copyOf(signalled) : List.<OrganizationId>of();
            signalled.clear();
            return work;
        }
    }

    private long nanosUntilReady() {
        if (!deployments.done()) {
            return DEPLOYMENT_CHECK.toNanos();
        }
        long now = System.nanoTime();
        long paused = pausedUntilNanos - now;
        if (paused > 0) {
            return paused;
        }
        return signalled.isEmpty() ? nextSweepNanos - now : 0;
    }

    private void sweepIfDue() {
        if (!running || nextSweepNanos - System.nanoTime() > 0) {
            return;
        }
        for (Organization organization : organizations.having(Outbox.DUE)) {
            CurrentOrganization.run(organization.id(), () -> {
                int expired = outbox.parkExpired();
                if (expired > 0) {
                    log.warn("{} rows of the outbox are too old to be sent and wait for a person", expired);
                }
            });
            signal(organization.id());
        }
        organizations
                .having(Outbox.PURGE_DUE)
                .forEach(organization -> CurrentOrganization.run(organization.id(), outbox::purge));
        nextSweepNanos = System.nanoTime() + sweepInterval.toNanos();
    }

    private void send(OrganizationId organization) {
        int free = Math.max(1, permits.availablePermits());
        var rows = outbox.take(free);
        for (var row : rows) {
            permits.acquireUninterruptibly();
            try {
                send(row).whenComplete((answer, failure) -> finish(organization, row, failure));
            } catch (RuntimeException e) {
                finish(organization, row, e);
            }
        }
        if (rows.size() == free) {
            signal(organization);
        }
    }

    private CompletionStage<?> send(Outbox.Row row) {
        return switch (row) {
            case Outbox.Message message ->
                engine.newPublishMessageCommand()
                        .messageName(message.name())
                        .correlationKey(message.correlationKey())
                        .messageId(message.id().toString())
                        .timeToLive(Outbox.TIME_TO_LIVE)
                        .variables(message.variables())
                        .send();
            case Outbox.TaskCompletion task ->
                engine.newAssignUserTaskCommand(task.taskKey())
                        .assignee(task.signInName())
                        .allowOverride(true)
                        .send()
                        .thenCompose(assigned -> engine.newCompleteUserTaskCommand(task.taskKey())
                                .variables(task.variables())
                                .send());
        };
    }

    private void finish(OrganizationId organization, Outbox.Row row, @Nullable Throwable failure) {
        permits.release();
        try {
            markers.execute(() -> {
                try {
                    CurrentOrganization.run(organization, () -> mark(organization, row, failure));
                } catch (RuntimeException e) {
                    log.warn("Row {} of the outbox could not be marked; it is sent again after its lease", row.id(), e);
                }
            });
        } catch (RejectedExecutionException e) {
            log.debug("Stopped before row {} of the outbox was marked; it is sent again", row.id());
        }
    }

    private void mark(OrganizationId organization, Outbox.Row row, @Nullable Throwable failure) {
        if (failure == null || isDone(row, EngineCalls.of(failure))) {
            outbox.sent(row.id());
            meters.counter("remitflow.outbox", "result", "sent").increment();
            permits.taken();
            synchronized (monitor) {
                failuresInARow = 0;
            }
            return;
        }
        String code = EngineCalls.code(failure);
        switch (EngineCalls.of(failure)) {
            case OVERLOADED -> {
                if (pause(OVERLOADED)) {
                    permits.halve();
                }
                sendAgain(organization, row, code, OVERLOADED);
            }
            case UNAVAILABLE -> {
                pause(UNAVAILABLE);
                sendAgain(organization, row, code, ROW);
            }
            case CONFLICT -> {
                if (row.attempts() < ATTEMPTS_IN_CONFLICT) {
                    sendAgain(organization, row, code, ROW);
                } else {
                    park(row, code);
                }
            }
            default -> park(row, code);
        }
    }

    private void sendAgain(OrganizationId organization, Outbox.Row row, String code, Backoff backoff) {
        var pause = backoff.jittered(row.attempts());
        outbox.failed(row.id(), code, pause);
        meters.counter("remitflow.outbox", "result", "failed").increment();
        markers.schedule(() -> signal(organization), pause.toMillis() + 1, TimeUnit.MILLISECONDS);
    }

    private static boolean isDone(Outbox.Row row, EngineCalls result) {
        return switch (row) {
            case Outbox.Message message -> result == EngineCalls.ALREADY_THERE || result == EngineCalls.CONFLICT;
            // Withdrawn or completed elsewhere meanwhile: whatever the process does next looks into the books.
            case Outbox.TaskCompletion task -> result == EngineCalls.GONE;
        };
    }

    private void park(Outbox.Row row, String code) {
        log.error("The engine refused row {} of the outbox ({}); it waits for a person", row.id(), code);
        outbox.parked(row.id(), code);
        meters.counter("remitflow.outbox", "result", "parked").increment();
    }

    /**
     * Many rows that fail together count as one failure.
     *
     * @return whether this is the first of them
     */
    private boolean pause(Backoff backoff) {
        synchronized (monitor) {
            long now = System.nanoTime();
            if (pausedUntilNanos - now > 0) {
                return false;
            }
            failuresInARow++;
            pausedUntilNanos = now + backoff.jittered(failuresInARow).toNanos();
            return true;
        }
    }

    /** How many may be under way: additive increase, multiplicative decrease, as the engine's own limit. */
    static final class Window extends Semaphore {

        private static final int LEAST = 2;

        private int size = IN_FLIGHT;
        private int takenInARow;

        Window() {
            super(IN_FLIGHT);
        }

        synchronized void halve() {
            int smaller = Math.max(LEAST, size / 2);
            // What is under way beyond it ends first.
            reducePermits(size - smaller);
            size = smaller;
            takenInARow = 0;
        }

        synchronized void taken() {
            takenInARow++;
            if (takenInARow >= size && size < IN_FLIGHT) {
                size++;
                takenInARow = 0;
                release();
            }
        }

        synchronized int size() {
            return size;
        }
    }
}
