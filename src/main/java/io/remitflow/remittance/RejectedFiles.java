package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.core.CardNumbers;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.UserId;
import io.remitflow.intake.IntakeFiles;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Files that could not be read as they came, what would have to be put right, and who let which of them in.
 *
 * <p>Only the envelope is ever put right, and only a file whose money balances in all its remittances can be let in.
 */
@Service
@Transactional
public class RejectedFiles {

    private static final int COMMENT = 500;
    private static final String SELECT = """
            select f.id, f.original_name, f.reason, f.state, f.received_at, r.repairs, r.confirmable, r.obstacle, r.remittances,
                   r.claims, r.paid_amount, r.confirmed_at, r.confirmation, u.display_name
            from intake_files f
            left join billing_remittance_repairs r on r.org_id = f.org_id and r.file_id = f.id
            left join users u on u.org_id = r.org_id and u.id = r.confirmed_by
            where f.org_id = :org and starts_with(f.source, 'era-')
            """;

    private final JdbcClient jdbc;
    private final IntakeFiles files;
    private final AuditLog audit;
    private final Clock clock;

    RejectedFiles(JdbcClient jdbc, IntakeFiles files, AuditLog audit, Clock clock) {
        this.jdbc = jdbc;
        this.files = files;
        this.audit = audit;
        this.clock = clock;
    }

    /** Those that are rejected now, and those that a person let in; newest first. */
    @Transactional(readOnly = true)
    public List<RejectedFile> list(int limit) {
        return jdbc.sql(SELECT + """
                        and (f.state = 'rejected' or r.confirmed_at is not null)
                        order by f.received_at desc, f.id desc limit :limit
                        """)
                .param("org", organization())
                .param("limit", limit)
                .query(RejectedFiles::file)
                .list();
    }

    @Transactional(readOnly = true)
    public RejectedFile get(UUID fileId) {
        return jdbc.sql(SELECT + "and f.id = :id and (f.state = 'rejected' or r.confirmed_at is not null)")
                .param("org", organization())
                .param("id", fileId)
                .query(RejectedFiles::file)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("This rejected file"));
    }

    @Transactional(readOnly = true)
    public long openCount() {
        return jdbc.sql("""
                        select count(*) from intake_files
                        where org_id = :org and state = 'rejected' and starts_with(source, 'era-')
                        """).param("org", organization()).query(Long.class).single();
    }

    /** Whether a person decided that it is read with its envelope put right. */
    boolean isConfirmed(UUID fileId) {
        return jdbc.sql("""
                        select exists (select from billing_remittance_repairs
                                       where org_id = :org and file_id = :file and confirmed_at is not null)
                        """)
                .param("org", organization())
                .param("file", fileId)
                .query(Boolean.class)
                .single();
    }

    /** What a person could let in; the same file again changes nothing. */
    void propose(UUID fileId, Proposal proposal) {
        jdbc.sql("""
                        insert into billing_remittance_repairs (org_id, file_id, repairs, confirmable, obstacle, remittances,
                            claims, paid_amount, proposed_at)
                        values (:org, :file, :repairs, :confirmable, :obstacle, :remittances, :claims, :paid, :now)
                        on conflict (org_id, file_id) do nothing
                        """)
                .param("org", organization())
                .param("file", fileId)
                .param("repairs", proposal.repairs().toArray(String[]::new))
                .param("confirmable", proposal.obstacle() == null)
                .param(
                        "obstacle",
                        proposal.obstacle() == null ? null : CardNumbers.removedFrom(proposal.obstacle()),
                        Types.VARCHAR)
                .param("remittances", proposal.remittances())
                .param("claims", proposal.claims())
                .param("paid", proposal.paidMinor())
                .param("now", Timestamp.from(clock.instant()))
                .update();
    }

    /**
     * Records that the person signed in lets the file in as repaired; it is processed next, like one that has just arrived.
     *
     * @throws RuleViolation {@link Refusal#FILE_NOT_CONFIRMABLE} if it cannot be read or does not balance even so
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void confirm(UUID fileId, String comment) {
        files.lock(fileId);
        RejectedFile file = get(fileId);
        String said = comment.strip();
        if (said.isEmpty() || said.length() > COMMENT) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "Say in at most %d characters why the file may be let in".formatted(COMMENT));
        }
        Optional<UserId> person = CurrentUser.find();
        if (!file.isConfirmable() || person.isEmpty()) {
            throw new RuleViolation(
                    Refusal.FILE_NOT_CONFIRMABLE,
                    file.confirmedAt() != null
                            ? "Somebody let this file in before"
                            : "This file cannot be let in: "
                                    + (file.obstacle() == null ? file.reason() : file.obstacle()));
        }
        jdbc.sql("""
                        update billing_remittance_repairs set confirmed_by = :person, confirmed_at = :now, confirmation = :comment
                        where org_id = :org and file_id = :file and confirmed_at is null and confirmable
                        """)
                .param("person", person.get().value())
                .param("now", Timestamp.from(clock.instant()))
                .param("comment", said)
                .param("org", organization())
                .param("file", fileId)
                .update();
        files.reopen(fileId);
        audit.record(
                "remittance-file.let-in",
                "file",
                fileId.toString(),
                Map.of(
                        "repairs", Integer.toString(file.repairs().size()),
                        "repaired", String.join("; ", file.repairs()),
                        "paidMinor", Long.toString(file.paid().getAmountMinorLong())));
    }

    private static RejectedFile file(ResultSet row, int number) throws SQLException {
        var repairs = row.getArray("repairs");
        Timestamp confirmedAt = row.getTimestamp("confirmed_at");
        return new RejectedFile(
                row.getObject("id", UUID.class),
                row.getString("original_name"),
                row.getString("reason"),
                row.getTimestamp("received_at").toInstant(),
                repairs == null ? List.of() : List.of((String[]) repairs.getArray()),
                row.getBoolean("confirmable") && row.getString("state").equals("rejected") && confirmedAt == null,
                row.getString("obstacle"),
                row.getInt("remittances"),
                row.getLong("claims"),
                Amounts.ofMinor(row.getLong("paid_amount"), "USD"),
                row.getString("display_name"),
                confirmedAt == null ? null : confirmedAt.toInstant(),
                row.getString("confirmation"));
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }

    /** @param obstacle why it cannot be let in even so, null if it can */
    record Proposal(List<String> repairs, @Nullable String obstacle, int remittances, long claims, long paidMinor) {}

    /**
     * @param reason why it was rejected; null once it was let in
     * @param repairs what has to be put right; empty if nothing would help
     * @param isConfirmable a person may let it in
     * @param obstacle why nobody can let it in although its envelope can be put right
     * @param paid sum of the payments in it, if it could be read with its envelope put right
     * @param confirmedBy name of who let it in
     */
    public record RejectedFile(
            UUID id,
            String name,
            @Nullable String reason,
            Instant receivedAt,
            List<String> repairs,
            boolean isConfirmable,
            @Nullable String obstacle,
            int remittances,
            long claims,
            Money paid,
            @Nullable String confirmedBy,
            @Nullable Instant confirmedAt,
            @Nullable String confirmation) {}
}
