package io.remitflow.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.camunda.client.annotation.JobWorker;
import io.camunda.zeebe.model.bpmn.Bpmn;
import io.camunda.zeebe.model.bpmn.BpmnModelInstance;
import io.camunda.zeebe.model.bpmn.instance.BoundaryEvent;
import io.camunda.zeebe.model.bpmn.instance.EndEvent;
import io.camunda.zeebe.model.bpmn.instance.Error;
import io.camunda.zeebe.model.bpmn.instance.ErrorEventDefinition;
import io.camunda.zeebe.model.bpmn.instance.FlowNode;
import io.camunda.zeebe.model.bpmn.instance.Message;
import io.camunda.zeebe.model.bpmn.instance.MessageEventDefinition;
import io.camunda.zeebe.model.bpmn.instance.Process;
import io.camunda.zeebe.model.bpmn.instance.SequenceFlow;
import io.camunda.zeebe.model.bpmn.instance.StartEvent;
import io.camunda.zeebe.model.bpmn.instance.UserTask;
import io.camunda.zeebe.model.bpmn.instance.bpmndi.BpmnEdge;
import io.camunda.zeebe.model.bpmn.instance.bpmndi.BpmnShape;
import io.camunda.zeebe.model.bpmn.instance.zeebe.ZeebeBindingType;
import io.camunda.zeebe.model.bpmn.instance.zeebe.ZeebeCalledDecision;
import io.camunda.zeebe.model.bpmn.instance.zeebe.ZeebeFormDefinition;
import io.camunda.zeebe.model.bpmn.instance.zeebe.ZeebeInput;
import io.camunda.zeebe.model.bpmn.instance.zeebe.ZeebeIoMapping;
import io.camunda.zeebe.model.bpmn.instance.zeebe.ZeebeOutput;
import io.camunda.zeebe.model.bpmn.instance.zeebe.ZeebeTaskDefinition;
import io.camunda.zeebe.model.bpmn.instance.zeebe.ZeebeTaskListener;
import io.camunda.zeebe.model.bpmn.instance.zeebe.ZeebeUserTask;
import io.remitflow.Remitflow;
import io.remitflow.core.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.camunda.bpm.model.xml.instance.ModelElementInstance;
import org.junit.jupiter.api.Test;

/** What holds for every process in bpmn/, and between the processes, their forms, the rules and the workers. */
class ProcessModelTests {

    private static final Path BPMN = Path.of("bpmn");
    private static final Path DMN = Path.of("dmn");
    private static final Pattern KEBAB = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
    private static final Pattern MODULE_AND_VERB = Pattern.compile("[a-z]+\\.[a-z][a-z0-9]*(-[a-z0-9]+)*");

    /** Anything that could be a person is refused, even where it would be convenient. */
    private static final Pattern PERSONAL = Pattern.compile(
            "(?i).*(patientname|firstname|lastname|surname|fullname|birth|dob\\b|ssn|mrn|memberid|subscriber|insured"
                    + "|address|street|phone|email|diagnos|guarantor|payeename|accountnumber|cardnumber|cvc).*"
                    + "|patient|patientId|member|payee|name");

    private final Map<Path, BpmnModelInstance> models = read();

    @Test
    void eachFileHoldsTheProcessItIsNamedAfter() {
        models.forEach((file, model) -> assertThat(model.getModelElementsByType(Process.class))
                .as(file.toString())
                .singleElement()
                .satisfies(process -> {
                    assertThat(file.getFileName()).hasToString(process.getId() + ".bpmn");
                    assertThat(process.isExecutable()).isTrue();
                }));
    }

    @Test
    void eachModelStaysWithinWhatVersion86Understands() {
        models.forEach((file, model) -> {
            assertThat(model.getDefinitions()
                            .getAttributeValueNs("http://camunda.org/schema/modeler/1.0", "executionPlatformVersion"))
                    .as(file + ": executionPlatformVersion")
                    .isEqualTo("8.6.0");
            assertThat(model.getModelElementsByType(ZeebeTaskListener.class))
                    .as(file + ": the engine refuses task listeners")
                    .isEmpty();
        });
    }

    @Test
    void everyServiceTaskHasAWorkerAndEveryWorkerATask() {
        var tasks = ofType(ZeebeTaskDefinition.class)
                .map(ZeebeTaskDefinition::getType)
                .collect(Collectors.toCollection(TreeSet::new));
        var workers = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackagesOf(Remitflow.class).stream()
                        .flatMap(type -> type.getMethods().stream())
                        .filter(method -> method.isAnnotatedWith(JobWorker.class))
                        .map(method ->
                                method.getAnnotationOfType(JobWorker.class).type())
                        .collect(Collectors.toCollection(TreeSet::new));

        assertThat(workers).isEqualTo(tasks);
    }

    @Test
    void jobTypesAndMessagesNameTheirModule() {
        var names = Stream.concat(
                        ofType(ZeebeTaskDefinition.class).map(ZeebeTaskDefinition::getType),
                        ofType(Message.class).map(Message::getName))
                .toList();
        assertThat(names)
                .allMatch(MODULE_AND_VERB.asMatchPredicate())
                .allSatisfy(name -> assertThat(Path.of("src/main/java/io/remitflow", name.split("\\.")[0]))
                        .isDirectory());
    }

    @Test
    void elementsSayWhatTheyDo() {
        assertThat(ofType(FlowNode.class).map(FlowNode::getId)).allMatch(KEBAB.asMatchPredicate());
    }

    /** The scheduler is about no case, so that nothing could be started twice for one. */
    @Test
    void processesStartByAMessageOnlyExceptTheScheduler() {
        assertThat(ofType(StartEvent.class)
                        .filter(start -> start.getParentElement() instanceof Process process
                                && !process.getId().equals("daily-reconciliation")))
                .allSatisfy(start -> assertThat(start.getEventDefinitions())
                        .as(start.getId())
                        .singleElement()
                        .isInstanceOf(MessageEventDefinition.class));
    }

    @Test
    void everyElementIsDrawn() {
        models.forEach((file, model) -> {
            var shapes = model.getModelElementsByType(BpmnShape.class).stream()
                    .map(BpmnShape::getBpmnElement)
                    .collect(Collectors.toSet());
            assertThat(shapes).as(file.toString()).containsAll(model.getModelElementsByType(FlowNode.class));
            var edges = model.getModelElementsByType(BpmnEdge.class).stream()
                    .map(BpmnEdge::getBpmnElement)
                    .collect(Collectors.toSet());
            assertThat(edges).as(file.toString()).containsAll(model.getModelElementsByType(SequenceFlow.class));
        });
    }

    /** Without them, whoever completes the task could overwrite any variable of the process. */
    @Test
    void everyUserTaskSaysWhichVariablesItSets() {
        assertThat(ofType(UserTask.class)).allSatisfy(task -> {
            assertThat(extensions(task, ZeebeUserTask.class)).as(task.getId()).hasSize(1);
            assertThat(outputs(task)).as(task.getId() + ": outputs").isNotEmpty();
            assertThat(outputs(task)).as(task.getId()).doesNotContainKey("orgId");
        });
    }

    @Test
    void everyUserTaskHasAFormThatAsksForNoMoreThanItSets() throws IOException {
        for (UserTask task : ofType(UserTask.class).toList()) {
            var form = extensions(task, ZeebeFormDefinition.class).getFirst();
            assertThat(form.getBindingType()).as(task.getId()).isEqualTo(ZeebeBindingType.deployment);
            Path file = BPMN.resolve(form.getFormId() + ".form");
            assertThat(file).isRegularFile();

            var json = new ObjectMapper().readTree(file.toFile());
            assertThat(json.path("id").asText()).isEqualTo(form.getFormId());
            var asked = new TreeSet<String>();
            collectAsked(json, asked);
            var taken = new HashSet<>(outputs(task).keySet());
            outputs(task)
                    .values()
                    .forEach(source -> taken.add(source.replaceFirst("^=", "").strip()));
            assertThat(taken).as(file.toString()).containsAll(asked);
        }
    }

    private static void collectAsked(JsonNode component, Set<String> asked) {
        boolean shownOnly = component.path("readonly").asBoolean()
                || component.path("disabled").asBoolean();
        if (component.hasNonNull("key") && !shownOnly) {
            asked.add(component.path("key").asText());
        }
        component.path("components").forEach(child -> collectAsked(child, asked));
    }

    /** A code that no refusal has could never be thrown by a worker. */
    @Test
    void errorCodesAreRefusalsOrThrownByTheModel() {
        var known = Arrays.stream(Refusal.values()).map(Refusal::code).collect(Collectors.toCollection(TreeSet::new));
        ofType(EndEvent.class)
                .flatMap(end -> end.getEventDefinitions().stream())
                .filter(ErrorEventDefinition.class::isInstance)
                .map(definition ->
                        ((ErrorEventDefinition) definition).getError().getErrorCode())
                .forEach(known::add);
        assertThat(ofType(Error.class).map(Error::getErrorCode))
                .allSatisfy(code -> assertThat(known).contains(code));
    }

    @Test
    void errorBoundaryEventsLeadSomewhere() {
        assertThat(ofType(BoundaryEvent.class))
                .allSatisfy(boundary ->
                        assertThat(boundary.getOutgoing()).as(boundary.getId()).isNotEmpty());
    }

    @Test
    void decisionsExist() throws IOException {
        var decisions = new StringBuilder();
        if (Files.isDirectory(DMN)) {
            try (var files = Files.list(DMN)) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".dmn")).toList()) {
                    decisions.append(Files.readString(file));
                }
            }
        }
        assertThat(ofType(ZeebeCalledDecision.class).map(ZeebeCalledDecision::getDecisionId))
                .allSatisfy(id -> assertThat(decisions).contains("<decision id=\"" + id + "\""));
    }

    @Test
    void variablesNameNoPerson() throws IOException {
        var names = new TreeSet<String>();
        ofType(ZeebeInput.class).forEach(input -> names.add(input.getTarget()));
        ofType(ZeebeOutput.class).forEach(output -> names.add(output.getTarget()));
        if (Files.isDirectory(BPMN)) {
            try (var files = Files.list(BPMN)) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".form")).toList()) {
                    collectKeys(new ObjectMapper().readTree(file.toFile()), names);
                }
            }
        }
        assertThat(names).as("names of variables and form fields").noneMatch(PERSONAL.asMatchPredicate());
    }

    private static void collectKeys(JsonNode component, Set<String> keys) {
        if (component.hasNonNull("key")) {
            keys.add(component.path("key").asText());
        }
        component.path("components").forEach(child -> collectKeys(child, keys));
    }

    private static Map<String, String> outputs(UserTask task) {
        var outputs = new TreeMap<String, String>();
        extensions(task, ZeebeIoMapping.class)
                .forEach(mapping ->
                        mapping.getOutputs().forEach(output -> outputs.put(output.getTarget(), output.getSource())));
        return outputs;
    }

    private static <T extends ModelElementInstance> List<T> extensions(FlowNode element, Class<T> type) {
        var extensions = element.getExtensionElements();
        return extensions == null ? List.of() : new ArrayList<>(extensions.getChildElementsByType(type));
    }

    private <T extends ModelElementInstance> Stream<T> ofType(Class<T> type) {
        return models.values().stream().flatMap(model -> model.getModelElementsByType(type).stream());
    }

    private static Map<Path, BpmnModelInstance> read() {
        var models = new TreeMap<Path, BpmnModelInstance>();
        if (Files.isDirectory(BPMN)) {
            try (var files = Files.list(BPMN)) {
                files.filter(file -> file.toString().endsWith(".bpmn"))
                        .forEach(file -> models.put(file, Bpmn.readModelFromFile(file.toFile())));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
        return models;
    }
}
