package io.remitflow.payments;

import static io.remitflow.ledger.StandardAccount.CARD_CLEARING;
import static io.remitflow.ledger.StandardAccount.UNAPPLIED_CASH;

import io.remitflow.core.Amounts;
import io.remitflow.core.CardNumbers;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Transfers that SePay reports: each is recorded once, one that names a patient account is a payment in whatever amount
 * it has, and one that names none is booked as unapplied cash, so that no money is without a place.
 */
@Service
public class BankTransfers {

    /** A number of our series with or without the hyphens that banks leave out. */
    private static final Pattern SERIES = Pattern.compile("PA-?(\\d{4})-?(\\d{6})(?!\\d)");

    private static final int MAX_WORDS = 40;

    /** Of one list. */
    public static final int MOST = 200;

    private final JdbcClient jdbc;
    private final Payments payments;
    private final PatientAccounts accounts;
    private final Journal journal;
    private final Organizations organizations;
    private final ObjectProvider<OutgoingTransferNews> listeners;
    private final AuditLog audit;
    private final Clock clock;

    BankTransfers(
            JdbcClient jdbc,
            Payments payments,
            PatientAccounts accounts,
            Journal journal,
            Organizations organizations,
            ObjectProvider<OutgoingTransferNews> listeners,
            AuditLog audit,
            Clock clock) {
        this.jdbc = jdbc;
        this.payments = payments;
        this.accounts = accounts;
        this.journal = journal;
        this.organizations = organizations;
        this.listeners = listeners;
        this.audit = audit;
        this.clock = clock;
    }

    /** Whether its place is known; taking it again changes nothing. */
    @Transactional(propagation = Propagation.MANDATORY)
    boolean take(BankTransfer transfer) {
        UUID id = Ids.next();
        boolean again = reportedUnderAnotherNumber(transfer);
        if (!insert(id, transfer)) {
            return true;
        }
        if (again
                || !transfer.amount()
                        .getCurrencyUnit()
                        .equals(organizations.current().currency())) {
            change(id, again ? "duplicate" : "foreign", null);
            return false;
        }
        return transfer.incoming() ? receive(id, transfer) : leave(id, transfer);
    }

    /** Whether it was taken before, under the same number. */
    @Transactional(propagation = Propagation.MANDATORY)
    boolean known(BankTransfer transfer) {
        return Objects.requireNonNull(jdbc.sql("""
                        select exists (select from payments_bank_transfers
                            where gateway_provider = 'sepay' and transfer_id = :transfer)
                        """)
                .param("transfer", transfer.id())
                .query(Boolean.class)
                .single());
    }

    /**
     * Incoming transfers that named no account, with those that people assigned, newest first.
     *
     * @param after the id of the last one already seen
     */
    @Transactional(readOnly = true)
    public List<Unassigned> incoming(boolean unmatchedOnly, @Nullable UUID after, int limit) {
        return jdbc.sql("""
                        select id, transfer_id, amount, currency, reference_code, content, state, payment_id, recorded_at
                        from payments_bank_transfers
                        where direction = 'in' and (state = 'unmatched' or not :unmatchedOnly)
                          and (:after::uuid is null or id < :after)
                        order by id desc limit :limit
                        """)
                .param("unmatchedOnly", unmatchedOnly)
                .param("after", after, Types.OTHER)
                .param("limit", Math.clamp(limit, 1, MOST))
                .query(BankTransfers::unassigned)
                .list();
    }

    @Transactional(readOnly = true)
    public Unassigned get(UUID id) {
        return one(id, "");
    }

    /** A transfer that came in, as people see it. */
    public record Unassigned(
            UUID id,
            String transferId,
            Money amount,
            @Nullable String referenceCode,
            @Nullable String content,
            String state,
            @Nullable UUID paymentId,
            Instant recordedAt) {}

    /** The unapplied cash of a transfer becomes a payment of that account; nothing else can be assigned. */
    @Transactional
    public UUID assign(UUID id, String accountNumber) {
        Unassigned transfer = one(id, " for no key update");
        if (!transfer.state().equals("unmatched")) {
            throw new RuleViolation(Refusal.CHANGED_MEANWHILE, "the transfer has its place already");
        }
        PatientAccount account = accounts.byNumber(accountNumber)
                .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "there is no account with that number"));
        var reference = new ClearingReference("gateway-payment", transfer.transferId());
        // Before the first entry, whose number others wait for who hold the account.
        accounts.lock(List.of(account.id()));
        journal.post(NewEntry.on(
                        organizations.today(),
                        "payments",
                        "transfer-assigned:" + id,
                        "Bank transfer assigned to an account")
                .debit(UNAPPLIED_CASH, transfer.amount(), null)
                .credit(CARD_CLEARING, transfer.amount(), reference)
                .reference("bank-transfer", id)
                .inOpenPeriod()
                .build());
        UUID payment = payments.record(new NewPayment(
                account.id(),
                null,
                organizations.today(),
                transfer.amount(),
                PaymentMethod.WIRE,
                harmless(transfer.referenceCode()),
                null,
                Gateways.SEPAY,
                transfer.transferId()));
        jdbc.sql("""
                        update payments_bank_transfers set state = 'matched', payment_id = :payment, assigned_by = :by,
                            assigned_at = :now
                        where id = :id
                        """)
                .param("payment", payment)
                .param("by", CurrentUser.id().value())
                .param("now", Timestamp.from(clock.instant()))
                .param("id", id)
                .update();
        audit.record("transfer-assigned", "bank-transfer", id.toString(), Map.of("account", account.number()));
        return payment;
    }

    private Unassigned one(UUID id, String lock) {
        return jdbc.sql("""
                        select id, transfer_id, amount, currency, reference_code, content, state, payment_id, recorded_at
                        from payments_bank_transfers where id = :id and direction = 'in'
                        """ + lock)
                .param("id", id)
                .query(BankTransfers::unassigned)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("the transfer"));
    }

    private boolean receive(UUID id, BankTransfer transfer) {
        Set<UUID> named = accountsNamed(transfer);
        if (named.size() != 1) {
            journal.post(NewEntry.on(
                            organizations.today(), "payments", "transfer:" + id, "Bank transfer without an account")
                    .debit(CARD_CLEARING, transfer.amount(), new ClearingReference("gateway-payment", transfer.id()))
                    .credit(UNAPPLIED_CASH, transfer.amount(), null)
                    .reference("bank-transfer", id)
                    .inOpenPeriod()
                    .build());
            audit.record("transfer-unmatched", "bank-transfer", id.toString(), Map.of("accounts", named.size()));
            change(id, "unmatched", null);
            return false;
        }
        UUID payment = payments.record(new NewPayment(
                named.iterator().next(),
                null,
                organizations.today(),
                transfer.amount(),
                PaymentMethod.WIRE,
                harmless(transfer.referenceCode()),
                null,
                Gateways.SEPAY,
                transfer.id()));
        change(id, "matched", payment);
        return true;
    }

    /** The bank's reference may look like the number of a card: its money is booked all the same. */
    private static @Nullable String harmless(@Nullable String reference) {
        return reference == null ? null : CardNumbers.shortenedIn(reference, number -> false);
    }

    private boolean leave(UUID id, BankTransfer transfer) {
        boolean ours = false;
        for (OutgoingTransferNews listener : listeners) {
            ours |= listener.left(
                    transfer.content(), transfer.amount(), Objects.requireNonNullElse(transfer.referenceCode(), ""));
        }
        change(id, ours ? "matched" : "unmatched", null);
        return ours;
    }

    /** By the payment code that SePay found, else by every word of the content. */
    private Set<UUID> accountsNamed(BankTransfer transfer) {
        Set<UUID> found = transfer.code() == null ? Set.of() : accountsIn(transfer.code());
        return found.isEmpty() ? accountsIn(transfer.content()) : found;
    }

    private Set<UUID> accountsIn(String text) {
        Set<String> numbers = new LinkedHashSet<>();
        String upper = text.toUpperCase(Locale.ROOT);
        Matcher series = SERIES.matcher(upper);
        while (series.find()) {
            numbers.add("PA-%s-%s".formatted(series.group(1), series.group(2)));
        }
        List.of(upper.split("[^\\p{Alnum}-]+")).stream()
                .filter(word -> !word.isBlank())
                .limit(MAX_WORDS)
                .forEach(numbers::add);
        Set<UUID> found = new LinkedHashSet<>();
        numbers.forEach(
                number -> accounts.byNumber(number).map(PatientAccount::id).ifPresent(found::add));
        return found;
    }

    private boolean reportedUnderAnotherNumber(BankTransfer transfer) {
        return transfer.referenceCode() != null
                && Objects.requireNonNull(jdbc.sql("""
                                select exists (select from payments_bank_transfers
                                    where gateway_provider = 'sepay' and reference_code = :reference
                                      and direction = :direction and amount = :amount and transfer_id <> :transfer)
                                """)
                        .param("reference", transfer.referenceCode())
                        .param("direction", transfer.incoming() ? "in" : "out")
                        .param("amount", transfer.amount().getAmountMinorLong())
                        .param("transfer", transfer.id())
                        .query(Boolean.class)
                        .single());
    }

    private boolean insert(UUID id, BankTransfer transfer) {
        return jdbc.sql("""
                                insert into payments_bank_transfers (org_id, id, gateway_provider, transfer_id, direction,
                                    amount, currency, reference_code, content, state, recorded_at)
                                values (:org, :id, 'sepay', :transfer, :direction, :amount, :currency, :reference,
                                    :content, 'unmatched', :now)
                                on conflict (org_id, gateway_provider, transfer_id) do nothing
                                """)
                        .param("org", CurrentOrganization.id().value())
                        .param("id", id)
                        .param("transfer", transfer.id())
                        .param("direction", transfer.incoming() ? "in" : "out")
                        .param("amount", transfer.amount().getAmountMinorLong())
                        .param("currency", transfer.amount().getCurrencyUnit().getCode())
                        .param("reference", transfer.referenceCode())
                        .param("content", CardNumbers.removedFrom(transfer.content()))
                        .param("now", Timestamp.from(clock.instant()))
                        .update()
                == 1;
    }

    private void change(UUID id, String state, @Nullable UUID payment) {
        jdbc.sql("update payments_bank_transfers set state = :state, payment_id = :payment where id = :id")
                .param("state", state)
                .param("payment", payment)
                .param("id", id)
                .update();
    }

    private static Unassigned unassigned(ResultSet row, int index) throws SQLException {
        return new Unassigned(
                row.getObject("id", UUID.class),
                row.getString("transfer_id"),
                Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                row.getString("reference_code"),
                row.getString("content"),
                row.getString("state"),
                row.getObject("payment_id", UUID.class),
                row.getTimestamp("recorded_at").toInstant());
    }
}
