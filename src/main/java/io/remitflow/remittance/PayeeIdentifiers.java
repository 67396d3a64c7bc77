package io.remitflow.remittance;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Under which national provider ids and tax ids payers pay the organization, and the remittances that pay somebody else.
 *
 * <p>Of a misrouted remittance nothing is recorded but its place and the last digits of its payee: it belongs to another
 * hospital. Where no identifier is registered, only what pays another organization of this installation is misrouted.
 */
@Service
@Transactional
public class PayeeIdentifiers {

    private static final int SHOWN_DIGITS = 4;

    private final JdbcClient jdbc;
    private final AuditLog audit;
    private final Clock clock;

    PayeeIdentifiers(JdbcClient jdbc, AuditLog audit, Clock clock) {
        this.jdbc = jdbc;
        this.audit = audit;
        this.clock = clock;
    }

    /** @param identifier ten digits (NPI) or nine (tax id), with or without hyphens */
    public void register(String identifier) {
        String digits = digits(identifier);
        if (digits.length() != 9 && digits.length() != 10) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "A payee identifier is an NPI of ten digits or a tax id of nine");
        }
        int added = jdbc.sql("""
                        insert into billing_payee_identifiers (org_id, identifier, created_at) values (:org, :identifier, :now)
                        on conflict do nothing
                        """)
                .param("org", organization())
                .param("identifier", digits)
                .param("now", now())
                .update();
        if (added == 1) {
            audit.record("payee-identifier.registered", "payee-identifier", digits, Map.of());
        }
    }

    @Transactional(readOnly = true)
    public List<String> all() {
        return jdbc.sql("select identifier from billing_payee_identifiers where org_id = :org order by identifier")
                .param("org", organization())
                .query(String.class)
                .list();
    }

    /** Newest first. */
    @Transactional(readOnly = true)
    public List<Misrouted> misrouted(int limit) {
        return jdbc.sql("""
                        select m.file_id, m.transaction_index, m.segment_number, m.payee_ending, f.received_at
                        from billing_misrouted_remittances m
                        join intake_files f on f.org_id = m.org_id and f.id = m.file_id
                        where m.org_id = :org order by m.detected_at desc, m.file_id, m.transaction_index limit :limit
                        """)
                .param("org", organization())
                .param("limit", limit)
                .query((row, number) -> new Misrouted(
                        row.getObject("file_id", UUID.class),
                        row.getInt("transaction_index"),
                        row.getLong("segment_number"),
                        row.getString("payee_ending"),
                        row.getTimestamp("received_at").toInstant()))
                .list();
    }

    /** Its bytes hold what belongs to somebody else. */
    @Transactional(readOnly = true)
    public boolean isMisrouted(UUID fileId) {
        return jdbc.sql("""
                        select exists (select from billing_misrouted_remittances where org_id = :org and file_id = :file)
                        """)
                .param("org", organization())
                .param("file", fileId)
                .query(Boolean.class)
                .single();
    }

    /** A payee without any number cannot be checked and is taken as ours. */
    boolean isSomebodyElse(EraParty payee) {
        Set<String> said = Stream.of(
                        payee.identifierQualifier().equals("XX")
                                        || payee.identifierQualifier().equals("FI")
                                ? payee.identifier()
                                : "",
                        payee.secondaryIdentifier() == null ? "" : payee.secondaryIdentifier())
                .map(PayeeIdentifiers::digits)
                .filter(digits -> digits.length() == 9 || digits.length() == 10)
                .collect(Collectors.toSet());
        if (said.isEmpty()) {
            return false;
        }
        List<String> ours = all();
        return ours.isEmpty() ? paysAnother(said) : ours.stream().noneMatch(said::contains);
    }

    private boolean paysAnother(Set<String> said) {
        return jdbc.sql("select payee_of_another(:identifiers)")
                .param("identifiers", said.toArray(String[]::new))
                .query(Boolean.class)
                .single();
    }

    void misrouted(UUID fileId, EraTransaction header) {
        String identifier = digits(header.payee().bestIdentifier());
        int added = jdbc.sql("""
                        insert into billing_misrouted_remittances
                            (org_id, file_id, transaction_index, segment_number, payee_ending, detected_at)
                        values (:org, :file, :index, :segment, :ending, :now)
                        on conflict do nothing
                        """)
                .param("org", organization())
                .param("file", fileId)
                .param("index", header.index())
                .param("segment", header.position().segmentNumber())
                .param("ending", identifier.substring(Math.max(0, identifier.length() - SHOWN_DIGITS)))
                .param("now", now())
                .update();
        if (added == 1) {
            audit.record(
                    "remittance.misrouted",
                    "file",
                    fileId.toString(),
                    Map.of("transaction", Integer.toString(header.index())));
        }
    }

    void forget(UUID fileId) {
        jdbc.sql("delete from billing_misrouted_remittances where org_id = :org and file_id = :file")
                .param("org", organization())
                .param("file", fileId)
                .update();
    }

    private static String digits(String text) {
        return text.chars()
                .filter(c -> c >= '0' && c <= '9')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private OffsetDateTime now() {
        return OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }

    /** Place of a remittance that pays somebody else, and the last digits of whom it pays. */
    public record Misrouted(
            UUID fileId, int transactionIndex, long segmentNumber, String payeeEnding, Instant receivedAt) {}
}
