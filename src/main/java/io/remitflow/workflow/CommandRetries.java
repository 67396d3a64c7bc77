package io.remitflow.workflow;

import io.camunda.client.api.worker.BackoffSupplier;
import io.camunda.client.jobhandling.CamundaClientExecutorService;
import io.camunda.client.jobhandling.CommandExceptionHandlingStrategy;
import io.camunda.client.jobhandling.CommandWrapper;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Sends the completion, failure or error of a job again when the engine is overloaded or away.
 *
 * <p>The starter's own strategy never does, and drops most failures silently: the work would be committed, and done once
 * more after the job's timeout. Sending again is safe: the engine answers a repetition with "not found".
 */
@Component
class CommandRetries implements CommandExceptionHandlingStrategy {

    private static final Logger log = LoggerFactory.getLogger(CommandRetries.class);

    private final BackoffSupplier backoff;
    private final CamundaClientExecutorService executor;
    private final MeterRegistry meters;

    CommandRetries(BackoffSupplier backoff, CamundaClientExecutorService executor, MeterRegistry meters) {
        this.backoff = backoff;
        this.executor = executor;
        this.meters = meters;
    }

    @Override
    public void handleCommandError(CommandWrapper command, Throwable failure) {
        var result = EngineCalls.of(failure);
        if (result == EngineCalls.GONE) {
            log.info("A job was finished elsewhere or cancelled meanwhile: {}", command);
            meters.counter("remitflow.job.command", "result", "gone").increment();
        } else if (result.retriable() && command.hasMoreRetries()) {
            command.increaseBackoffUsing(backoff);
            command.scheduleExecutionUsing(executor.get());
            meters.counter("remitflow.job.command", "result", "repeated").increment();
        } else {
            log.warn("{} was lost ({}); the job is done again after its timeout", command, EngineCalls.code(failure));
            meters.counter("remitflow.job.command", "result", "lost").increment();
        }
    }
}
