package io.remitflow.workflow;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.workflow.RelatedCases.Numbered;
import io.remitflow.workflow.RelatedCases.Relation;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Signs that one case was split to stay below a limit. The limit is that of the approval rule itself: cases are suspicious
 * together if the rule asks for somebody for their sum whom it does not ask for the one.
 */
@Service
public class SplitWarnings {

    private final Decisions decisions;
    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final Clock clock;

    SplitWarnings(Decisions decisions, JdbcClient jdbc, TransactionTemplate transactions, Clock clock) {
        this.decisions = decisions;
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.clock = clock;
    }

    /**
     * Compares and keeps what is found; the same version keeps its first answer. Call it outside of a transaction: the
     * engine is asked over the network.
     *
     * @param inputs what the rule was asked for the case itself
     * @param levels what it answered
     */
    public List<SplitWarning> note(
            ApprovalSubject subject,
            String decisionId,
            Map<String, ?> inputs,
            List<String> levels,
            List<RelatedCases> related) {
        var found = new ArrayList<SplitWarning>();
        for (RelatedCases cases : related) {
            if (cases.others().isEmpty()) {
                continue;
            }
            Map<String, Object> together = new LinkedHashMap<>(inputs);
            together.put("exposureMinor", cases.together().getAmountMinorLong());
            Map<String, Object> answer = decisions.wouldDecide(decisionId, together);
            List<String> needed = ApprovalRule.levels(answer);
            if (!levels.containsAll(needed)) {
                found.add(new SplitWarning(cases, needed, String.valueOf(answer.get("reason"))));
            }
        }
        return inTransaction(() -> {
            found.forEach(warning -> insert(subject, warning));
            return of(subject.type(), subject.id(), subject.version());
        });
    }

    public List<SplitWarning> of(String type, UUID id, int version) {
        return inTransaction(() -> jdbc.sql("""
                        select * from workflow_split_warnings
                        where subject_type = :type and subject_id = :id and subject_version = :version
                        order by amount desc, relation
                        """)
                .param("type", type)
                .param("id", id)
                .param("version", version)
                .query(SplitWarnings::warning)
                .list());
    }

    /** For a form: one paragraph each. */
    public static String text(List<SplitWarning> warnings) {
        return String.join("\n\n", warnings.stream().map(SplitWarning::words).toList());
    }

    /** Who must approve, and why. */
    public record Needed(List<String> levels, String reason) {}

    /**
     * What the rule says, unless it lets the case pass while others of the same guarantor or payee add up: then somebody must
     * look at it, as for their sum.
     */
    public static Needed needed(List<String> levels, String reason, List<SplitWarning> warnings) {
        return warnings.stream()
                .filter(warning -> levels.isEmpty() && warning.related().relation() != Relation.REQUESTER)
                .findFirst()
                .map(warning -> new Needed(warning.levels(), "Adds up with other cases: " + warning.reason()))
                .orElse(new Needed(levels, reason));
    }

    /** At least one: a case that the rule would have let pass waits for somebody too. */
    public static int dueDays(@Nullable Object answered) {
        return answered instanceof Number days ? Math.max(1, days.intValue()) : 1;
    }

    private void insert(ApprovalSubject subject, SplitWarning warning) {
        var related = warning.related();
        jdbc.sql("""
                        insert into workflow_split_warnings (org_id, subject_type, subject_id, subject_version, relation,
                            related_ids, related_numbers, amount, currency, levels, reason, noted_at)
                        values (:org, :type, :id, :version, :relation, string_to_array(:ids, ',')::uuid[],
                            string_to_array(:numbers, ','), :amount, :currency, string_to_array(:levels, ','), :reason, :now)
                        on conflict do nothing
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("type", subject.type())
                .param("id", subject.id())
                .param("version", subject.version())
                .param("relation", related.relation().name().toLowerCase(Locale.ROOT))
                .param("ids", joined(related.others().stream().map(Numbered::id)))
                .param("numbers", joined(related.others().stream().map(Numbered::number)))
                .param("amount", related.together().getAmountMinorLong())
                .param("currency", related.together().getCurrencyUnit().getCode())
                .param("levels", joined(warning.levels().stream()))
                .param("reason", warning.reason())
                .param("now", Timestamp.from(clock.instant()))
                .update();
    }

    private static String joined(Stream<?> values) {
        return values.map(String::valueOf).collect(Collectors.joining(","));
    }

    private static SplitWarning warning(ResultSet row, int index) throws SQLException {
        UUID[] ids = (UUID[]) row.getArray("related_ids").getArray();
        String[] numbers = (String[]) row.getArray("related_numbers").getArray();
        return new SplitWarning(
                new RelatedCases(
                        Relation.valueOf(row.getString("relation").toUpperCase(Locale.ROOT)),
                        IntStream.range(0, ids.length)
                                .mapToObj(each -> new Numbered(ids[each], numbers[each]))
                                .toList(),
                        Amounts.ofMinor(row.getLong("amount"), row.getString("currency"))),
                List.of((String[]) row.getArray("levels").getArray()),
                row.getString("reason"));
    }

    private <T> T inTransaction(java.util.function.Supplier<T> work) {
        return Objects.requireNonNull(transactions.execute(status -> work.get()));
    }
}
