package io.remitflow.rules;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Tables as analysts edit them: one draft for each decision, seen by all analysts of the organization. */
@Service
@Transactional
public class Drafts {

    private final JdbcClient jdbc;
    private final DecisionTables tables;
    private final AuditLog audit;
    private final Clock clock;

    Drafts(JdbcClient jdbc, DecisionTables tables, AuditLog audit, Clock clock) {
        this.jdbc = jdbc;
        this.tables = tables;
        this.audit = audit;
        this.clock = clock;
    }

    @Transactional(readOnly = true)
    public Optional<Draft> find(String decisionId) {
        return jdbc.sql("select * from rules_drafts where decision_id = :decision")
                .param("decision", decisionId)
                .query(Drafts::draft)
                .optional();
    }

    /**
     * Keeps the table, flaws included: {@link #flaws} says what keeps it from being released.
     *
     * @param seenVersion of the draft that was edited, 0 if there was none
     * @throws RuleViolation {@link Refusal#CHANGED_MEANWHILE} if somebody saved another version since;
     *     {@link Refusal#INVALID_INPUT} if it is no decision table of this decision
     */
    public Draft save(String decisionId, String xml, int seenVersion) {
        Release base = tables.required(decisionId);
        DecisionTable table = DecisionTable.read(xml);
        if (!table.decisionId().equals(decisionId)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "The table must keep the id " + decisionId);
        }
        UUID user = CurrentUser.id().value();
        int changed = seenVersion == 0
                ? jdbc.sql("""
                                insert into rules_drafts (org_id, decision_id, based_on, xml, version, editors, edited_by, edited_at)
                                values (:org, :decision, :basedOn, :xml, 1, array[:user]::uuid[], :user, :at)
                                on conflict do nothing
                                """)
                        .param("org", CurrentOrganization.id().value())
                        .param("decision", decisionId)
                        .param("basedOn", base.number())
                        .param("xml", xml)
                        .param("user", user)
                        .param("at", Timestamp.from(clock.instant()))
                        .update()
                : jdbc.sql("""
                                update rules_drafts set xml = :xml, version = version + 1, edited_by = :user, edited_at = :at,
                                       editors = case when :user = any(editors) then editors else editors || :user::uuid end
                                 where decision_id = :decision and version = :seen
                                """)
                        .param("decision", decisionId)
                        .param("xml", xml)
                        .param("user", user)
                        .param("at", Timestamp.from(clock.instant()))
                        .param("seen", seenVersion)
                        .update();
        if (changed == 0) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE, "Somebody else saved this draft meanwhile: load it again and compare");
        }
        Draft saved = find(decisionId).orElseThrow();
        audit.record("rules.draft-saved", "decision", decisionId, Map.of("version", saved.version()));
        return saved;
    }

    /**
     * What was asked to be released goes back to those who edit it, with all who had a part in it. A draft that somebody began
     * meanwhile stays.
     */
    void giveBack(ReleaseRequest request) {
        UUID[] editors = request.editors().stream().map(UserId::value).toArray(UUID[]::new);
        int back = jdbc.sql("""
                        insert into rules_drafts (org_id, decision_id, based_on, xml, version, editors, edited_by, edited_at)
                        values (:org, :decision, :basedOn, :xml, 1, :editors, :by, :at)
                        on conflict do nothing
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("decision", request.decisionId())
                .param("basedOn", request.basedOn())
                .param("xml", request.xml())
                .param("editors", editors)
                .param("by", editors[editors.length - 1])
                .param("at", Timestamp.from(clock.instant()))
                .update();
        if (back > 0) {
            audit.record("rules.draft-given-back", "decision", request.decisionId(), Map.of("from", request.number()));
        }
    }

    /** Repeating it changes nothing. */
    public void discard(String decisionId) {
        int gone = jdbc.sql("delete from rules_drafts where decision_id = :decision")
                .param("decision", decisionId)
                .update();
        if (gone > 0) {
            audit.record("rules.draft-discarded", "decision", decisionId, Map.of());
        }
    }

    /** What is wrong with the table, the worst first. */
    public static List<Flaw> flaws(DecisionTable table) {
        return TableCheck.of(table);
    }

    private static Draft draft(ResultSet row, int number) throws SQLException {
        return new Draft(
                row.getString("decision_id"),
                row.getInt("based_on"),
                row.getString("xml"),
                row.getInt("version"),
                Arrays.asList((UUID[]) row.getArray("editors").getArray()),
                row.getObject("edited_by", UUID.class),
                row.getTimestamp("edited_at").toInstant());
    }
}
