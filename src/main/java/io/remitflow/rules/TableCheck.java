package io.remitflow.rules;

import io.remitflow.identity.Permission;
import io.remitflow.identity.Role;
import io.remitflow.rules.DecisionTable.Column;
import io.remitflow.rules.DecisionTable.Row;
import io.remitflow.rules.Flaw.Kind;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a decision table: cells that are no FEEL or of another type, inputs that no rule or several rules
 * answer, rules that never apply, groups that do not exist or that may not approve.
 *
 * <p>Between the values that the cells of a column name, no cell changes its answer. So each column is tried at those
 * values, beside them, and with no value at all; the combinations of these cover every possible input as long as the cells
 * compare with constants.
 */
final class TableCheck {

    /** Combinations after which the check gives up and says so. */
    private static final long MOST_COMBINATIONS = 2_000_000;

    private static final int MOST_FLAWS = 50;

    private static final Set<String> GROUP_LISTS = Set.of("levels", "candidateGroups");

    /** The tables that decide who approves, with what these people need the permission for. */
    private static final Map<String, Permission> APPROVALS = Map.of(
            "refund-approval", Permission.REFUNDS_APPROVE,
            "write-off-approval", Permission.WRITE_OFFS_APPROVE,
            "discount-approval", Permission.WRITE_OFFS_APPROVE,
            "small-balance", Permission.WRITE_OFFS_APPROVE,
            "remittance-review", Permission.REMITTANCES_APPROVE,
            "rule-release-approval", Permission.RULES_APPROVE);

    /** Of these, whose cases never pass without anybody. */
    private static final Set<String> ALWAYS_SOMEBODY = Set.of("remittance-review", "rule-release-approval");

    private static final Pattern NUMBER = Pattern.compile("(?<![\\w\"])-?\\d+(?:\\.\\d+)?");
    private static final Pattern TEXT = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern WHOLE = Pattern.compile("(?i).*(minor|days|count|months|years|number|level)");

    private final DecisionTable table;
    private final Feel feel = new Feel();
    private final List<Flaw> flaws = new ArrayList<>();
    private long combinations;

    private TableCheck(DecisionTable table) {
        this.table = table;
    }

    static List<Flaw> of(DecisionTable table) {
        var check = new TableCheck(table);
        check.run();
        return List.copyOf(check.flaws);
    }

    /** Whether the table says who must approve. */
    static boolean isApproval(String decisionId) {
        return APPROVALS.containsKey(decisionId);
    }

    /** Whether it must name somebody whatever it is asked. */
    static boolean alwaysNamesSomebody(String decisionId) {
        return ALWAYS_SOMEBODY.contains(decisionId);
    }

    private void run() {
        if (!table.hitPolicy().equals("UNIQUE")) {
            flaws.add(new Flaw(
                    Kind.HIT_POLICY,
                    List.of(),
                    "The hit policy must be UNIQUE: exactly one rule answers, whatever their order"));
        }
        if (table.rules().isEmpty()) {
            flaws.add(new Flaw(Kind.GAP, List.of(), "The table has no rule"));
            return;
        }
        if (isApproval(table.decisionId())
                && table.outputs().stream()
                        .noneMatch(output -> output.expression().equals("levels"))) {
            flaws.add(new Flaw(Kind.TYPE, List.of(), "The table needs the output levels: who must approve, in order"));
        }
        table.inputs().forEach(this::checkInput);
        table.rules().forEach(this::checkCells);
        if (flaws.stream().noneMatch(flaw -> flaw.kind() == Kind.EXPRESSION)) {
            checkCoverage();
        }
    }

    private void checkInput(Column input) {
        feel.expressionError(input.expression())
                .ifPresent(error -> flaws.add(new Flaw(
                        Kind.EXPRESSION, List.of(), "Input \"%s\" is no FEEL: %s".formatted(input.label(), error))));
    }

    private void checkCells(Row rule) {
        for (int i = 0; i < table.inputs().size(); i++) {
            checkCondition(rule, table.inputs().get(i), rule.conditions().get(i));
        }
        for (int i = 0; i < table.outputs().size(); i++) {
            checkResult(rule, table.outputs().get(i), rule.results().get(i));
        }
    }

    private void checkCondition(Row rule, Column input, String condition) {
        if (condition.equals("-")) {
            return;
        }
        var error = feel.conditionError(condition);
        if (error.isPresent()) {
            flaws.add(Flaw.of(
                    Kind.EXPRESSION,
                    rule.number(),
                    "Rule %d, \"%s\": %s is no FEEL condition: %s"
                            .formatted(rule.number(), input.label(), condition, error.get())));
            return;
        }
        boolean text = TEXT.matcher(condition).find();
        boolean number = NUMBER.matcher(TEXT.matcher(condition).replaceAll("")).find();
        String type = input.type().toLowerCase(java.util.Locale.ROOT);
        if (number && (type.equals("string") || type.equals("boolean")) || text && isNumeric(type)) {
            flaws.add(Flaw.of(
                    Kind.TYPE,
                    rule.number(),
                    "Rule %d, \"%s\": %s does not fit the type %s"
                            .formatted(rule.number(), input.label(), condition, input.type())));
        }
    }

    private void checkResult(Row rule, Column output, String result) {
        var value = feel.value(result);
        if (value.error() != null) {
            flaws.add(Flaw.of(
                    Kind.EXPRESSION,
                    rule.number(),
                    "Rule %d, \"%s\": %s is no FEEL expression: %s"
                            .formatted(rule.number(), output.label(), result, value.error())));
            return;
        }
        if (!fits(value.value(), output.type())) {
            flaws.add(Flaw.of(
                    Kind.TYPE,
                    rule.number(),
                    "Rule %d, \"%s\": %s does not give a %s%s"
                            .formatted(
                                    rule.number(),
                                    output.label(),
                                    result.isEmpty() ? "an empty cell" : result,
                                    output.type(),
                                    value.value() == null && !result.isEmpty() ? " (is a text not in quotes?)" : "")));
        } else if (GROUP_LISTS.contains(output.expression())) {
            checkGroups(rule, output, value.value());
        } else if (output.expression().equals("escalateTo")) {
            checkGroup(rule, output, value.value());
        }
    }

    private void checkGroups(Row rule, Column output, @Nullable Object value) {
        if (!(value instanceof List<?> groups)) {
            flaws.add(Flaw.of(
                    Kind.TYPE,
                    rule.number(),
                    "Rule %d, \"%s\": write a list in brackets, for example [\"billing-manager\"]"
                            .formatted(rule.number(), output.label())));
            return;
        }
        if (groups.isEmpty() && output.expression().equals("levels") && alwaysNamesSomebody(table.decisionId())) {
            flaws.add(Flaw.of(
                    Kind.NOBODY,
                    rule.number(),
                    "Rule %d, \"%s\": this table always names somebody, nobody does it alone"
                            .formatted(rule.number(), output.label())));
        }
        groups.forEach(group -> checkGroup(rule, output, group));
    }

    private void checkGroup(Row rule, Column output, @Nullable Object group) {
        Optional<Role> role = Role.ofKey(String.valueOf(group));
        Permission needed = APPROVALS.get(table.decisionId());
        if (role.isEmpty()) {
            flaws.add(Flaw.of(
                    Kind.UNKNOWN_GROUP,
                    rule.number(),
                    "Rule %d, \"%s\": there is no group %s".formatted(rule.number(), output.label(), group)));
        } else if (needed != null && !role.get().permissions().contains(needed)) {
            flaws.add(Flaw.of(
                    Kind.UNKNOWN_GROUP,
                    rule.number(),
                    "Rule %d, \"%s\": the role %s may not approve this"
                            .formatted(rule.number(), output.label(), role.get().title())));
        }
    }

    private static boolean fits(@Nullable Object value, String type) {
        return switch (type.toLowerCase(java.util.Locale.ROOT)) {
            case "string" -> value instanceof String;
            case "boolean" -> value instanceof Boolean;
            case "number", "integer", "long", "double" -> value instanceof Number;
            default -> value != null;
        };
    }

    private static boolean isNumeric(String type) {
        return Set.of("number", "integer", "long", "double").contains(type);
    }

    /** Values of a column that the same rules answer. */
    private record Class(BitSet rules, Object example) {}

    /** No value at all; a map cannot hold null as an example. */
    private static final Object NOTHING = new Object() {
        @Override
        public String toString() {
            return "not known";
        }
    };

    private void checkCoverage() {
        List<List<Class>> columns = new ArrayList<>();
        for (int i = 0; i < table.inputs().size(); i++) {
            columns.add(classes(i));
        }
        var reached = new BitSet();
        var all = new BitSet();
        all.set(0, table.rules().size());
        var overlaps = new LinkedHashSet<List<Integer>>();
        combine(columns, 0, all, new ArrayList<>(), reached, overlaps);
        if (combinations > MOST_COMBINATIONS) {
            flaws.add(new Flaw(
                    Kind.UNDECIDED,
                    List.of(),
                    "The table is too large to try every combination of its values; gaps and overlaps may remain"));
            return;
        }
        for (Row rule : table.rules()) {
            if (!reached.get(rule.number() - 1)) {
                flaws.add(Flaw.of(Kind.UNREACHABLE, rule.number(), "Rule %d never applies".formatted(rule.number())));
            }
        }
    }

    private void combine(
            List<List<Class>> columns,
            int column,
            BitSet matching,
            List<Object> examples,
            BitSet reached,
            Set<List<Integer>> overlaps) {
        if (++combinations > MOST_COMBINATIONS || flaws.size() > MOST_FLAWS) {
            return;
        }
        if (matching.isEmpty()) {
            flaws.add(new Flaw(Kind.GAP, List.of(), "No rule answers when " + inWords(examples)));
            return;
        }
        if (column == columns.size()) {
            reached.or(matching);
            List<Integer> rules = matching.stream().mapToObj(index -> index + 1).toList();
            if (rules.size() > 1 && overlaps.add(rules)) {
                flaws.add(new Flaw(
                        Kind.OVERLAP,
                        rules,
                        "Rules %s all answer when %s"
                                .formatted(
                                        rules.stream().map(String::valueOf).collect(Collectors.joining(" and ")),
                                        inWords(examples))));
            }
            return;
        }
        for (Class values : columns.get(column)) {
            var both = (BitSet) matching.clone();
            both.and(values.rules());
            examples.add(values.example());
            combine(columns, column + 1, both, examples, reached, overlaps);
            examples.removeLast();
        }
    }

    private String inWords(List<Object> examples) {
        var words = new ArrayList<String>();
        for (int i = 0; i < examples.size(); i++) {
            words.add("\"%s\" is %s".formatted(table.inputs().get(i).label(), Feel.literal(examples.get(i), NOTHING)));
        }
        return String.join(" and ", words);
    }

    private List<Class> classes(int column) {
        Column input = table.inputs().get(column);
        var byRules = new LinkedHashMap<BitSet, Object>();
        for (Object example : examples(column, input)) {
            var rules = new BitSet();
            for (Row rule : table.rules()) {
                String condition = rule.conditions().get(column);
                if (condition.equals("-") || feel.holds(condition, example == NOTHING ? null : example)) {
                    rules.set(rule.number() - 1);
                }
            }
            byRules.putIfAbsent(rules, example);
        }
        return byRules.entrySet().stream()
                .map(entry -> new Class(entry.getKey(), entry.getValue()))
                .toList();
    }

    private Set<Object> examples(int column, Column input) {
        var numbers = new TreeSet<BigDecimal>();
        var texts = new LinkedHashSet<Object>();
        for (Row rule : table.rules()) {
            String condition = rule.conditions().get(column);
            TEXT.matcher(condition).results().forEach(found -> texts.add(found.group(1)));
            NUMBER.matcher(TEXT.matcher(condition).replaceAll(""))
                    .results()
                    .forEach(found -> numbers.add(new BigDecimal(found.group())));
        }
        var examples = new LinkedHashSet<Object>();
        String type = input.type().toLowerCase(java.util.Locale.ROOT);
        boolean open = type.equals("any");
        if (type.equals("boolean") || open) {
            examples.add(true);
            examples.add(false);
        }
        if (isNumeric(type) || open && !numbers.isEmpty()) {
            numbers.add(BigDecimal.ZERO);
            var step = WHOLE.matcher(input.expression()).matches() ? BigDecimal.ONE : new BigDecimal("0.005");
            numbers.forEach(number -> {
                examples.add(number.subtract(step));
                examples.add(number);
                examples.add(number.add(step));
            });
        }
        if (type.equals("string") || open && !texts.isEmpty()) {
            examples.addAll(texts);
            examples.add("something else");
        }
        examples.add(NOTHING);
        return examples;
    }

    /** For tests: how many combinations a table needs. */
    static Map<String, Integer> sizes(DecisionTable table) {
        var check = new TableCheck(table);
        var sizes = new LinkedHashMap<String, Integer>();
        for (int i = 0; i < table.inputs().size(); i++) {
            sizes.put(table.inputs().get(i).expression(), check.classes(i).size());
        }
        return sizes;
    }
}
