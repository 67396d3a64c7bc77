package io.remitflow.rules;

import io.remitflow.identity.Organizations;
import io.remitflow.workflow.ApprovalRule;
import io.remitflow.workflow.Decisions;
import io.remitflow.workflow.RecordedDecision;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Back-tests: what the decisions of the last months would have been under another table. */
@Service
public class Replays {

    /** Changed decisions that are listed; the matrix counts all of them. */
    static final int LISTED = 200;

    /** Decisions that are replayed at most, the newest. */
    static final int REPLAYED = 50_000;

    private static final String NOBODY = "nobody";
    private static final String NO_ANSWER = "no answer";

    private final Decisions decisions;
    private final Organizations organizations;
    private final Clock clock;

    Replays(Decisions decisions, Organizations organizations, Clock clock) {
        this.decisions = decisions;
        this.organizations = organizations;
        this.clock = clock;
    }

    /** @throws IllegalArgumentException if the table has cells that are no FEEL: check it first */
    public Replay replay(DecisionTable table, int months) {
        var evaluation = new TableEvaluation(table);
        var from = clock.instant().atZone(ZoneOffset.UTC).minusMonths(months).toInstant();
        List<RecordedDecision> recorded = decisions.since(table.decisionId(), from, REPLAYED + 1);
        boolean complete = recorded.size() <= REPLAYED;
        var totals = new Totals(table.decisionId(), organizations.current().currency());
        recorded.stream().limit(REPLAYED).forEach(decision -> totals.add(decision, evaluation.ask(decision.inputs())));
        return totals.replay(months, complete);
    }

    private static final class Totals {

        private final Map<String, Replay.Cell> matrix = new TreeMap<>();
        private final List<Replay.Change> changes = new ArrayList<>();
        private final String decisionId;
        private final CurrencyUnit currency;
        private int decisions;
        private int changed;
        private int added;
        private int skipped;
        private int otherCurrency;
        private Money affected;

        private Totals(String decisionId, CurrencyUnit currency) {
            this.decisionId = decisionId;
            this.currency = currency;
            this.affected = Money.zero(currency);
        }

        private void add(RecordedDecision decision, TableEvaluation.Answer answer) {
            decisions++;
            boolean otherCurrencies = Boolean.FALSE.equals(decision.inputs().get("sameCurrency"));
            // Which currency it is the inputs do not say; added up as ours it would be a wrong number.
            Money amount = otherCurrencies ? Money.zero(currency) : amount(decision.inputs());
            List<String> before = approvers(decision.outputs());
            List<String> after = answer.failure() == null ? approvers(answer.outputs()) : List.of(NO_ANSWER);
            String was = inWords(before);
            String would = inWords(after);
            matrix.merge(
                    was + "\n" + would,
                    new Replay.Cell(was, would, 1, amount),
                    (one, other) -> new Replay.Cell(
                            was,
                            would,
                            one.count() + other.count(),
                            one.amount().plus(other.amount())));
            if (was.equals(would) && sameButReason(decision.outputs(), answer.outputs())) {
                return;
            }
            changed++;
            otherCurrency += otherCurrencies ? 1 : 0;
            affected = affected.plus(amount);
            added += missing(before, after);
            skipped += missing(after, before);
            if (changes.size() < LISTED) {
                changes.add(new Replay.Change(
                        decision.subjectType(),
                        decision.subjectId(),
                        decision.decidedAt(),
                        otherCurrencies ? null : amount,
                        was,
                        would,
                        decision.inputs(),
                        answer.failure() == null ? text(answer.outputs().get("reason")) : answer.failure()));
            }
        }

        /** As the processes read the answer; a table that is about something else has no approvers. */
        private List<String> approvers(Map<String, ? extends @Nullable Object> outputs) {
            if (!TableCheck.isApproval(decisionId)) {
                return List.of();
            }
            return TableCheck.alwaysNamesSomebody(decisionId)
                    ? ApprovalRule.levelsOfSomebody(outputs)
                    : ApprovalRule.levels(outputs);
        }

        private Money amount(Map<String, Object> inputs) {
            return inputs.get("amountMinor") instanceof Number number
                    ? Money.ofMinor(currency, Math.abs(number.longValue()))
                    : Money.zero(currency);
        }

        private Replay replay(int months, boolean complete) {
            return new Replay(
                    months,
                    decisions,
                    changed,
                    added,
                    skipped,
                    affected,
                    otherCurrency,
                    List.copyOf(matrix.values()),
                    List.copyOf(changes),
                    complete);
        }
    }

    /** How many of the wanted are not among the others. */
    private static int missing(List<String> others, List<String> wanted) {
        var left = new ArrayList<>(wanted);
        left.remove(NO_ANSWER);
        others.forEach(left::remove);
        return left.size();
    }

    private static String inWords(List<String> approvers) {
        return approvers.isEmpty() ? NOBODY : approvers.stream().collect(Collectors.joining(", then "));
    }

    private static boolean sameButReason(
            Map<String, ? extends @Nullable Object> before, Map<String, ? extends @Nullable Object> after) {
        var was = comparable(before);
        var would = comparable(after);
        // A column that one of the tables does not have says nothing about the decision.
        was.keySet().retainAll(after.keySet());
        would.keySet().retainAll(before.keySet());
        return was.equals(would);
    }

    private static Map<String, @Nullable Object> comparable(Map<String, ? extends @Nullable Object> outputs) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        outputs.forEach((name, value) -> {
            if (!name.equals("reason")) {
                values.put(
                        name,
                        value instanceof Number number
                                ? new BigDecimal(number.toString())
                                        .stripTrailingZeros()
                                        .toPlainString()
                                : value);
            }
        });
        return values;
    }

    private static @Nullable String text(@Nullable Object value) {
        return Objects.toString(value, null);
    }
}
