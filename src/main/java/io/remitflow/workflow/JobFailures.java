package io.remitflow.workflow;

import io.camunda.client.CamundaClient;
import io.camunda.client.api.command.FinalCommandStep;
import io.camunda.client.api.response.ActivatedJob;
import io.camunda.client.exception.BpmnError;
import io.camunda.client.exception.JobError;
import io.camunda.client.jobhandling.CommandExceptionHandlingStrategy;
import io.camunda.client.jobhandling.CommandWrapper;
import io.camunda.client.jobhandling.JobExceptionHandlingStrategy;
import io.camunda.client.metrics.MetricsRecorder;
import io.remitflow.core.Ids;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.BooksAway;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.UndeclaredThrowableException;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * What becomes of a job whose worker threw.
 *
 * <p>A refused rule is a path in the diagram: a BPMN error with its code, if the model catches it there. Anything else is
 * tried again, later each time, and is an incident in the end. An engine or books that are busy or away are no fault of the
 * job: they are asked again for as long as it takes. The engine gets a code and a correlation id, nothing more:
 * what the exception says may name a patient and stays in our log.
 */
@Component
class JobFailures implements JobExceptionHandlingStrategy {

    private static final Logger log = LoggerFactory.getLogger(JobFailures.class);

    private static final Duration MARGIN = Duration.ofMinutes(1);

    /** How long a job waits at most once the books are back. */
    private static final Duration LONGEST_WITHOUT_BOOKS = Duration.ofMinutes(1);

    private static final int REMEMBERED_JOBS = 10_000;

    private final CamundaClient engine;
    private final CommandExceptionHandlingStrategy commandFailures;
    private final MetricsRecorder metrics;
    private final ProcessModels models;
    private final Incidents incidents;
    private final Backoff backoff;
    private final Backoff withoutBooks;
    private final Duration notYetPause;

    /** How often a job met books that were away; one that is forgotten begins with a short pause again. */
    private final Map<Long, Integer> timesAway = Collections.synchronizedMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Integer> eldest) {
            return size() > REMEMBERED_JOBS;
        }
    });

    JobFailures(
            CamundaClient engine,
            CommandExceptionHandlingStrategy commandFailures,
            MetricsRecorder metrics,
            ProcessModels models,
            Incidents incidents,
            @Value("${remitflow.workflow.first-retry:PT5S}") Duration firstRetry,
            @Value("${remitflow.workflow.longest-retry:PT10M}") Duration longestRetry,
            @Value("${remitflow.workflow.not-yet-retry:PT2S}") Duration notYetPause) {
        this.engine = engine;
        this.commandFailures = commandFailures;
        this.metrics = metrics;
        this.models = models;
        this.incidents = incidents;
        this.backoff = new Backoff(firstRetry, longestRetry);
        this.withoutBooks = new Backoff(
                firstRetry, longestRetry.compareTo(LONGEST_WITHOUT_BOOKS) < 0 ? longestRetry : LONGEST_WITHOUT_BOOKS);
        this.notYetPause = notYetPause;
    }

    @Override
    public void handleException(Exception thrown, ExceptionHandlingContext context) {
        var job = context.job();
        switch (cause(thrown)) {
            case NotYet waiting -> {
                log.debug("Job {} of type {} waits: {}", job.getKey(), job.getType(), waiting.getMessage());
                later(context, job.getRetries(), notYetPause, "not-yet");
            }
            case EngineUnavailable busy -> {
                log.info(
                        "Job {} of type {} waits for the engine ({})",
                        job.getKey(),
                        job.getType(),
                        EngineCalls.code(busy.getCause()));
                later(context, job.getRetries(), backoff.jittered(1), "engine-unavailable");
            }
            case BpmnError error -> throwError(context, error.getErrorCode(), error.getVariables());
            case RuleViolation refusal -> refused(context, refusal);
            case JobError error ->
                retry(
                        context,
                        error.getRetries() == null ? job.getRetries() - 1 : error.getRetries(),
                        error.getRetryBackoff(),
                        "job-error",
                        error);
            case Throwable away when BooksAway.causes(away) -> waitForBooks(context, away);
            case Throwable failure ->
                retry(context, job.getRetries() - 1, null, failure.getClass().getSimpleName(), failure);
        }
    }

    private void refused(ExceptionHandlingContext context, RuleViolation refusal) {
        var job = context.job();
        if (models.catches(job.getBpmnProcessId(), job.getElementId(), refusal.code())) {
            log.info("Job {} at {} was refused: {}", job.getKey(), job.getElementId(), refusal.code());
            throwError(context, refusal.code(), null);
        } else {
            // Asking again would give the same refusal, and nothing in the model expects it.
            failForGood(context, refusal.code(), refusal);
        }
    }

    private void waitForBooks(ExceptionHandlingContext context, Throwable away) {
        var job = context.job();
        Duration wait = withoutBooks.jittered(timesAway.merge(job.getKey(), 1, Integer::sum));
        log.warn(
                "Job {} of type {} waits for the books ({}), next in {}",
                job.getKey(),
                job.getType(),
                away.getClass().getSimpleName(),
                wait);
        keep(job, wait);
        later(context, job.getRetries(), wait, "books-away");
    }

    private void retry(
            ExceptionHandlingContext context,
            int retriesLeft,
            @Nullable Duration pause,
            String code,
            Throwable failure) {
        if (retriesLeft <= 0) {
            failForGood(context, code, failure);
            return;
        }
        var job = context.job();
        int failures = Math.max(1, models.retries(job.getBpmnProcessId(), job.getElementId()) - retriesLeft);
        Duration wait = pause != null && pause.isPositive() ? pause : backoff.pause(failures);
        String correlationId = Ids.next().toString();
        log.warn(
                "Job {} of type {} failed ({}), {} tries left, next in {} [{}]",
                job.getKey(),
                job.getType(),
                code,
                retriesLeft,
                wait,
                correlationId,
                failure);
        keep(job, wait);
        later(context, retriesLeft, wait, code + " " + correlationId);
    }

    private void failForGood(ExceptionHandlingContext context, String code, Throwable failure) {
        var job = context.job();
        String correlationId = Ids.next().toString();
        log.error(
                "Job {} of type {} at {} needs a person ({}) [{}]",
                job.getKey(),
                job.getType(),
                job.getElementId(),
                code,
                correlationId,
                failure);
        try {
            incidents.record(job, code, correlationId);
        } catch (RuntimeException away) {
            // An incident that is listed nowhere would be found by nobody.
            waitForBooks(context, away);
            return;
        }
        fail(context, 0, code + " " + correlationId);
    }

    /**
     * Gives the job back after a pause that passes here. The engine forgets a pause it was told once in a while, and the job
     * with it until it pauses another one (seen with 8.6.0 after it was killed). If we end before, the job's timeout gives it
     * back.
     */
    private void later(ExceptionHandlingContext context, int retries, Duration pause, String message) {
        CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> fail(context, retries, message));
    }

    /** A pause may be longer than the time for which the engine leaves the job to us. */
    private void keep(ActivatedJob job, Duration pause) {
        engine.newUpdateTimeoutCommand(job.getKey())
                .timeout(pause.plus(MARGIN))
                .send()
                .exceptionally(failure -> {
                    log.info(
                            "Job {} may be given out before its pause is over ({})",
                            job.getKey(),
                            EngineCalls.code(failure));
                    return null;
                });
    }

    private void fail(ExceptionHandlingContext context, int retries, String message) {
        send(
                context,
                MetricsRecorder.ACTION_FAILED,
                context.jobClient()
                        .newFailCommand(context.job().getKey())
                        .retries(retries)
                        .errorMessage(message));
    }

    private void throwError(ExceptionHandlingContext context, String code, @Nullable Object variables) {
        var command = context.jobClient()
                .newThrowErrorCommand(context.job().getKey())
                .errorCode(code)
                .errorMessage(code);
        send(context, MetricsRecorder.ACTION_BPMN_ERROR, variables == null ? command : command.variables(variables));
    }

    private void send(ExceptionHandlingContext context, String action, FinalCommandStep<?> command) {
        var job = context.job();
        new CommandWrapper(
                        command,
                        job,
                        commandFailures,
                        metrics,
                        context.jobWorkerValue().getMaxRetries())
                .executeAsyncWithMetrics(MetricsRecorder.METRIC_NAME_JOB, action, job.getType());
    }

    private static Throwable cause(Throwable thrown) {
        Throwable cause = thrown;
        while ((cause instanceof InvocationTargetException
                        || cause instanceof UndeclaredThrowableException
                        || cause instanceof CompletionException
                        || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
