package io.remitflow.refunds;

import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Secrets;
import io.remitflow.identity.UserId;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.workflow.ProcessMessages;
import io.remitflow.workflow.Timeline;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * The bank accounts to which refunds go by ACH, one in use per patient account.
 *
 * <p>A refund names the bank account it was approved for: entering another one asks for another approval of every refund
 * of that account that has not left.
 */
@Service
@Transactional
public class AchDestinations {

    private final JdbcClient jdbc;
    private final RefundRows refunds;
    private final PatientAccounts accounts;
    private final Secrets secrets;
    private final ProcessMessages messages;
    private final Timeline timeline;
    private final AuditLog audit;
    private final Clock clock;

    AchDestinations(
            JdbcClient jdbc,
            RefundRows refunds,
            PatientAccounts accounts,
            Secrets secrets,
            ProcessMessages messages,
            Timeline timeline,
            AuditLog audit,
            Clock clock) {
        this.jdbc = jdbc;
        this.refunds = refunds;
        this.accounts = accounts;
        this.secrets = secrets;
        this.messages = messages;
        this.timeline = timeline;
        this.audit = audit;
        this.clock = clock;
    }

    /** The signed-in person enters the payee's bank account; the same one again changes nothing. */
    public UUID enter(UUID accountId, String routingNumber, String accountNumber, String type) {
        accounts.get(accountId);
        return enter(accountId, routingNumber, accountNumber, type(type), "person");
    }

    UUID enter(UUID accountId, String routingNumber, String accountNumber, AchDestination.Type type, String source) {
        RoutingNumber routing = new RoutingNumber(routingNumber.strip());
        String number = accountNumber.strip();
        if (!number.matches("[A-Za-z0-9-]{4,17}")) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the account number has 4 to 17 digits, letters or hyphens");
        }
        // Refunds first, as everywhere: whoever pays one out holds it before looking at its bank account.
        List<RefundCase> waiting =
                refunds.openAchOf(accountId).stream().map(refunds::lock).toList();
        Optional<AchDestination> before = activeOf(accountId);
        if (before.isPresent() && same(before.get(), routing, number, type)) {
            return before.get().id();
        }
        before.ifPresent(old -> change(old.id(), AchDestination.State.REPLACED, "Another account was entered"));
        UUID id = insert(accountId, routing, number, type, source);
        for (RefundCase refund : waiting) {
            redirect(refund, id, number);
        }
        audit.record(
                "bank-account-entered",
                "patient-account",
                accountId.toString(),
                Map.of("ending", last4(number), "source", source));
        return id;
    }

    @Transactional(readOnly = true)
    public Optional<AchDestination> activeOf(UUID accountId) {
        return jdbc.sql("select * from refund_ach_destinations where account_id = :account and state = 'active'")
                .param("account", accountId)
                .query(AchDestinations::destination)
                .optional();
    }

    @Transactional(readOnly = true)
    public Optional<AchDestination> find(@Nullable UUID id) {
        return id == null
                ? Optional.empty()
                : jdbc.sql("select * from refund_ach_destinations where id = :id")
                        .param("id", id)
                        .query(AchDestinations::destination)
                        .optional();
    }

    /** Newest first. */
    @Transactional(readOnly = true)
    public List<AchDestination> ofAccount(UUID accountId) {
        accounts.get(accountId);
        return jdbc.sql("select * from refund_ach_destinations where account_id = :account order by id desc limit 20")
                .param("account", accountId)
                .query(AchDestinations::destination)
                .list();
    }

    /** Accounts entered before they had fingerprints are given theirs, so that all can be compared. */
    void completeFingerprints() {
        jdbc.sql("select id, routing_number from refund_ach_destinations where fingerprint is null limit 1000")
                .query((row, index) -> Map.entry(row.getObject("id", UUID.class), row.getString("routing_number")))
                .list()
                .forEach(old -> jdbc.sql("update refund_ach_destinations set fingerprint = :fingerprint where id = :id")
                        .param("fingerprint", fingerprint(old.getValue(), numberOf(old.getKey())))
                        .param("id", old.getKey())
                        .update());
    }

    private byte[] fingerprint(String routing, String number) {
        return secrets.fingerprint("bank-account", routing + " " + number);
    }

    /** Never to be logged or shown. */
    String numberOf(UUID id) {
        return secrets.decrypt(jdbc.sql("select account_encrypted from refund_ach_destinations where id = :id")
                .param("id", id)
                .query((row, index) -> row.getBytes(1))
                .single());
    }

    void unusable(UUID id, String reason) {
        change(id, AchDestination.State.UNUSABLE, reason);
        audit.record("bank-account-unusable", "bank-account", id.toString(), Map.of("reason", reason));
    }

    private void redirect(RefundCase refund, UUID destination, String number) {
        Refund before = refund.state();
        UserId person = CurrentUser.id();
        boolean beyondApproval = before.status() != RefundStatus.PENDING;
        refund.destinationChanged(destination, person);
        refunds.save(refund.state(), clock.instant());
        messages.publish(
                beyondApproval ? "refunds.payout-changed" : "refunds.changed",
                before.id().toString(),
                Map.of());
        timeline.add(
                Refunds.SUBJECT,
                before.id(),
                person,
                "Bank account entered",
                "Ending in %s; approvals so far no longer count".formatted(last4(number)));
    }

    private boolean same(AchDestination known, RoutingNumber routing, String number, AchDestination.Type type) {
        return known.routingNumber().equals(routing.digits())
                && known.type() == type
                && numberOf(known.id()).equals(number);
    }

    private UUID insert(UUID accountId, RoutingNumber routing, String number, AchDestination.Type type, String source) {
        UUID id = Ids.next();
        jdbc.sql("""
                        insert into refund_ach_destinations (org_id, id, account_id, routing_number, account_encrypted,
                            account_last4, account_type, state, source, entered_by, entered_at, changed_at, fingerprint)
                        values (:org, :id, :account, :routing, :number, :last4, :type, 'active', :source, :by, :now, :now,
                            :fingerprint)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("account", accountId)
                .param("routing", routing.digits())
                .param("number", secrets.encrypt(number))
                .param("fingerprint", fingerprint(routing.digits(), number))
                .param("last4", last4(number))
                .param("type", type.key())
                .param("source", source)
                .param("by", CurrentUser.id().value())
                .param("now", Timestamp.from(clock.instant()))
                .update();
        return id;
    }

    private void change(UUID id, AchDestination.State state, String reason) {
        jdbc.sql("""
                        update refund_ach_destinations set state = :state, state_reason = :reason, changed_at = :now
                        where id = :id and state <> 'unusable'
                        """)
                .param("state", state.key())
                .param("reason", reason)
                .param("now", Timestamp.from(clock.instant()))
                .param("id", id)
                .update();
    }

    static AchDestination.Type type(String key) {
        try {
            return AchDestination.Type.valueOf(key.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "an account is a checking or a savings account");
        }
    }

    static String last4(String number) {
        return number.substring(Math.max(0, number.length() - 4));
    }

    private static AchDestination destination(ResultSet row, int index) throws SQLException {
        return new AchDestination(
                row.getObject("id", UUID.class),
                row.getObject("account_id", UUID.class),
                row.getString("routing_number"),
                row.getString("account_last4"),
                type(row.getString("account_type")),
                AchDestination.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getString("state_reason"),
                row.getString("source").equals("notice"),
                new UserId(row.getObject("entered_by", UUID.class)),
                row.getTimestamp("entered_at").toInstant());
    }
}
