package io.remitflow.workflow;

import io.camunda.client.CamundaClient;
import io.camunda.client.api.command.DeployResourceCommandStep1.DeployResourceCommandStep2;
import io.camunda.client.api.response.DeploymentEvent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Deploys all models in one command, so that {@code bindingType="deployment"} finds its forms and decisions, and repeats
 * it until the engine has accepted them. Unchanged models get no new version.
 *
 * <p>Which versions run is the engine's knowledge, the same for all organizations: it is kept in memory, logged and shown
 * at {@code /actuator/info}, not in a table.
 */
@Component
class Deployments implements SmartLifecycle, InfoContributor {

    private static final Logger log = LoggerFactory.getLogger(Deployments.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration PAUSE_AFTER_REFUSAL = Duration.ofSeconds(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final CamundaClient engine;
    private final ProcessModels models;
    private final Clock clock;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean done;
    private volatile @Nullable Result result;
    private @Nullable Thread thread;

    private record Result(
            Instant at, String gatewayVersion, Map<String, Integer> versions, Map<Long, String> processIds) {}

    Deployments(CamundaClient engine, ProcessModels models, Clock clock) {
        this.engine = engine;
        this.models = models;
        this.clock = clock;
    }

    /** A message that arrives before its process is deployed would wait in vain, so nothing is sent until then. */
    boolean done() {
        return done;
    }

    /** Of the versions deployed now; what runs in an older version has another key. */
    Optional<String> processId(long processDefinitionKey) {
        return Optional.ofNullable(result).map(known -> known.processIds().get(processDefinitionKey));
    }

    @Override
    public void start() {
        thread = Thread.ofPlatform().name("deployment").daemon().start(this::deployUntilAccepted);
    }

    /** The engine may have lost the models; what it still has gets no new version. */
    void again() {
        if (isRunning()) {
            return;
        }
        done = false;
        start();
    }

    @Override
    public void stop() {
        stopped.countDown();
    }

    @Override
    public boolean isRunning() {
        return thread != null && thread.isAlive() && stopped.getCount() > 0;
    }

    @Override
    public void contribute(Info.Builder builder) {
        var known = result;
        builder.withDetail(
                "engine",
                known == null
                        ? Map.of("deployed", false)
                        : Map.of(
                                "deployed", true,
                                "at", known.at(),
                                "gatewayVersion", known.gatewayVersion(),
                                "versions", known.versions()));
    }

    private void deployUntilAccepted() {
        Duration pause = FIRST_PAUSE;
        String lastCode = "";
        while (stopped.getCount() > 0) {
            try {
                deploy();
                return;
            } catch (EngineUnavailable e) {
                String code = EngineCalls.code(e.getCause());
                if (!code.equals(lastCode)) {
                    log.warn("The engine does not answer ({}); the models are deployed as soon as it does", code);
                    lastCode = code;
                }
            } catch (RuntimeException e) {
                log.error("The models were not deployed; nothing is sent to the engine until they are", e);
                pause = PAUSE_AFTER_REFUSAL;
            }
            pause(pause);
            pause = shorter(pause.multipliedBy(2), pause.compareTo(LONGEST_PAUSE) > 0 ? pause : LONGEST_PAUSE);
        }
    }

    private void deploy() {
        String gatewayVersion =
                EngineCalls.join(engine.newTopologyRequest().send()).getGatewayVersion();
        if (gatewayVersion != null
                && gatewayVersion.startsWith("8.6")
                && engine.getConfiguration().preferRestOverGrpc()) {
            throw new IllegalStateException("camunda.client.prefer-rest-over-grpc must be false with an engine "
                    + gatewayVersion + ": jobs would arrive without their key and never finish");
        }
        var files = models.files();
        Map<String, Integer> versions = new LinkedHashMap<>();
        Map<Long, String> processIds = new LinkedHashMap<>();
        if (!files.isEmpty()) {
            note(send(files), versions, processIds);
        }
        result = new Result(clock.instant(), String.valueOf(gatewayVersion), versions, processIds);
        done = true;
        log.info("Engine {}: deployed {}", gatewayVersion, versions);
    }

    private DeploymentEvent send(Map<String, byte[]> files) {
        var command = engine.newDeployResourceCommand();
        DeployResourceCommandStep2 ready = null;
        for (var file : files.entrySet()) {
            ready = (ready == null ? command : ready).addResourceBytes(file.getValue(), file.getKey());
        }
        if (ready == null) {
            throw new IllegalArgumentException("nothing to deploy");
        }
        return EngineCalls.join(ready.requestTimeout(TIMEOUT).send());
    }

    private static void note(DeploymentEvent event, Map<String, Integer> versions, Map<Long, String> processIds) {
        event.getProcesses().forEach(process -> {
            versions.put(process.getBpmnProcessId(), process.getVersion());
            processIds.put(process.getProcessDefinitionKey(), process.getBpmnProcessId());
        });
        event.getDecisions().forEach(decision -> versions.put(decision.getDmnDecisionId(), decision.getVersion()));
        event.getForm().forEach(form -> versions.put(form.getFormId(), form.getVersion()));
    }

    private void pause(Duration duration) {
        try {
            stopped.await(duration.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stopped.countDown();
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
