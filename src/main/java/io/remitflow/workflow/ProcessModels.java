package io.remitflow.workflow;

import io.camunda.zeebe.model.bpmn.Bpmn;
import io.camunda.zeebe.model.bpmn.BpmnModelInstance;
import io.camunda.zeebe.model.bpmn.instance.BoundaryEvent;
import io.camunda.zeebe.model.bpmn.instance.CallActivity;
import io.camunda.zeebe.model.bpmn.instance.CatchEvent;
import io.camunda.zeebe.model.bpmn.instance.ErrorEventDefinition;
import io.camunda.zeebe.model.bpmn.instance.MessageEventDefinition;
import io.camunda.zeebe.model.bpmn.instance.Process;
import io.camunda.zeebe.model.bpmn.instance.StartEvent;
import io.camunda.zeebe.model.bpmn.instance.SubProcess;
import io.camunda.zeebe.model.bpmn.instance.zeebe.ZeebeCalledElement;
import io.camunda.zeebe.model.bpmn.instance.zeebe.ZeebeTaskDefinition;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.camunda.bpm.model.xml.instance.ModelElementInstance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.stereotype.Component;

/**
 * The processes, forms and decisions that we deploy: those packaged with the application, each replaced by a file of the
 * same name in {@code bpmn/} or {@code dmn/} below {@code remitflow.models.directory}, if that is set.
 */
@Component
class ProcessModels {

    private static final Logger log = LoggerFactory.getLogger(ProcessModels.class);
    private static final String[] PACKAGED = {"classpath*:bpmn/*.bpmn", "classpath*:bpmn/*.form", "classpath*:dmn/*.dmn"
    };
    private static final int DEFAULT_RETRIES = 3;

    private final Map<String, byte[]> files = new TreeMap<>();
    private final Map<String, Definition> definitions = new ConcurrentHashMap<>();

    private record Definition(String xml, BpmnModelInstance model) {}

    ProcessModels(@Value("${remitflow.models.directory:}") String directory) throws IOException {
        var resolver = new PathMatchingResourcePatternResolver();
        for (String pattern : PACKAGED) {
            for (var resource : resolver.getResources(pattern)) {
                files.put(Objects.requireNonNull(resource.getFilename()), resource.getContentAsByteArray());
            }
        }
        if (!directory.isBlank()) {
            override(Path.of(directory).resolve("bpmn"), ".bpmn", ".form");
            override(Path.of(directory).resolve("dmn"), ".dmn");
        }
        files.forEach((name, content) -> {
            if (name.endsWith(".bpmn")) {
                read(name, content);
            }
        });
    }

    private void override(Path directory, String... endings) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (Stream<Path> found = Files.list(directory)) {
            found.filter(file -> Stream.of(endings).anyMatch(file.toString()::endsWith))
                    .forEach(file -> {
                        try {
                            files.put(file.getFileName().toString(), Files.readAllBytes(file));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        }
    }

    /** A file that cannot be read stays in the deployment, where the engine refuses it with a reason. */
    final void read(String name, byte[] content) {
        try {
            var model = Bpmn.readModelFromStream(new ByteArrayInputStream(content));
            String xml = new String(content, StandardCharsets.UTF_8);
            model.getModelElementsByType(Process.class)
                    .forEach(process -> definitions.put(process.getId(), new Definition(xml, model)));
        } catch (RuntimeException e) {
            log.error("{} is not a process model", name, e);
        }
    }

    /** By file name, in the order of the names. */
    Map<String, byte[]> files() {
        return new LinkedHashMap<>(files);
    }

    Optional<String> xml(String processId) {
        return Optional.ofNullable(definitions.get(processId)).map(Definition::xml);
    }

    /** The process with this name, which is all that the first version of Tasklist's API tells. */
    Optional<String> processIdByName(String name) {
        return definitions.entrySet().stream()
                .filter(entry -> entry.getValue().model().getModelElementById(entry.getKey()) instanceof Process process
                        && (name.equals(process.getName()) || name.equals(process.getId())))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** By process: the message that starts it. */
    Map<String, String> startMessages() {
        Map<String, String> messages = new TreeMap<>();
        definitions.forEach((processId, definition) ->
                definition.model().getModelElementsByType(StartEvent.class).stream()
                        .filter(start -> start.getParentElement() instanceof Process process
                                && process.getId().equals(processId))
                        .flatMap(start -> start.getEventDefinitions().stream())
                        .filter(MessageEventDefinition.class::isInstance)
                        .map(event -> ((MessageEventDefinition) event).getMessage())
                        .forEach(message -> messages.put(processId, message.getName())));
        return messages;
    }

    /** How often the element's job is tried at all, as far as the model says it in figures. */
    int retries(String processId, String elementId) {
        return element(processId, elementId)
                .flatMap(element -> extension(element, ZeebeTaskDefinition.class))
                .map(ZeebeTaskDefinition::getRetries)
                .filter(retries -> retries.matches("\\d{1,4}"))
                .map(Integer::valueOf)
                .orElse(DEFAULT_RETRIES);
    }

    /** Whether an error with this code, thrown at the element, is caught anywhere around it. */
    boolean catches(String processId, String elementId, String errorCode) {
        return element(processId, elementId)
                .filter(element -> caughtAround(element, errorCode, 0))
                .isPresent();
    }

    private boolean caughtAround(ModelElementInstance element, String errorCode, int calls) {
        for (ModelElementInstance scope = element; scope != null; scope = scope.getParentElement()) {
            if (caughtAtBoundary(scope, errorCode) || caughtInside(scope, errorCode)) {
                return true;
            }
            if (scope instanceof Process process) {
                return calls < definitions.size() && caughtByCaller(process.getId(), errorCode, calls + 1);
            }
        }
        return false;
    }

    private static boolean caughtAtBoundary(ModelElementInstance element, String errorCode) {
        return element.getModelInstance().getModelElementsByType(BoundaryEvent.class).stream()
                .filter(boundary -> element.equals(boundary.getAttachedTo()))
                .anyMatch(boundary -> catches(boundary, errorCode));
    }

    private static boolean caughtInside(ModelElementInstance scope, String errorCode) {
        return scope.getChildElementsByType(SubProcess.class).stream()
                .filter(SubProcess::triggeredByEvent)
                .flatMap(handler -> handler.getChildElementsByType(StartEvent.class).stream())
                .anyMatch(start -> catches(start, errorCode));
    }

    private static boolean catches(CatchEvent event, String errorCode) {
        return event.getEventDefinitions().stream()
                .filter(ErrorEventDefinition.class::isInstance)
                .map(definition -> ((ErrorEventDefinition) definition).getError())
                .anyMatch(error -> error == null || errorCode.equals(error.getErrorCode()));
    }

    private boolean caughtByCaller(String processId, String errorCode, int calls) {
        return definitions.values().stream()
                .flatMap(definition -> definition.model().getModelElementsByType(CallActivity.class).stream())
                .filter(call -> extension(call, ZeebeCalledElement.class)
                        .filter(called -> processId.equals(called.getProcessId()))
                        .isPresent())
                .anyMatch(call -> caughtAround(call, errorCode, calls));
    }

    private Optional<ModelElementInstance> element(String processId, String elementId) {
        return Optional.ofNullable(definitions.get(processId))
                .map(definition -> definition.model().getModelElementById(elementId));
    }

    private static <T extends ModelElementInstance> Optional<T> extension(ModelElementInstance element, Class<T> type) {
        return element.getModelInstance().getModelElementsByType(type).stream()
                .filter(extension -> extension.getParentElement() != null
                        && element.equals(extension.getParentElement().getParentElement()))
                .findFirst();
    }
}
