package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.UserId;
import io.remitflow.ui.AgeBars;
import io.remitflow.workflow.RelatedCases;
import io.remitflow.workflow.RelatedCases.Numbered;
import io.remitflow.workflow.RelatedCases.Relation;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code billing_refunds}. */
@Repository
class RefundRows {

    /** What limits are judged by: a refund that is under way counts until it has ended, a completed one from then on. */
    private static final String COUNTED = """
            (status in ('pending', 'approved', 'processing', 'failed')
             or status = 'completed' and greatest(requested_at, completed_at) >= :since)""";

    private final JdbcClient jdbc;

    RefundRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void insert(Refund refund) {
        jdbc.sql("""
                        insert into billing_refunds (org_id, id, refund_number, account_id, original_payment_id,
                            credit_balance_id, refund_date, refund_amount, currency, refund_method, original_method,
                            method_reason, refund_reason, reason_description, status, current_step, version, requested_by,
                            prepared_by, requested_at, updated_at, ach_destination_id, reissue_of, due_on)
                        values (:org, :id, :number, :account, :payment, :creditBalance, :date, :amount, :currency, :method,
                            :original, :methodReason, :reason, :description, :status, :step, :version, :requestedBy,
                            :preparedBy, :requestedAt, :requestedAt, :destination, :reissueOf, :dueOn)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", refund.id())
                .param("number", refund.number())
                .param("account", refund.accountId())
                .param("payment", refund.paymentId())
                .param("creditBalance", refund.creditBalanceId())
                .param("date", refund.date())
                .param("amount", refund.amount().getAmountMinorLong())
                .param("currency", refund.amount().getCurrencyUnit().getCode())
                .param("method", refund.method().key())
                .param("original", refund.originalMethod())
                .param("methodReason", refund.methodReason())
                .param("reason", refund.reason())
                .param("description", refund.description())
                .param("status", refund.status().key())
                .param("step", refund.step())
                .param("version", refund.version())
                .param("requestedBy", refund.requestedBy().value())
                .param("preparedBy", refund.preparedBy().value())
                .param("requestedAt", Timestamp.from(refund.requestedAt()))
                .param("destination", refund.achDestinationId(), java.sql.Types.OTHER)
                .param("reissueOf", refund.reissueOf(), java.sql.Types.OTHER)
                .param("dueOn", refund.dueOn())
                .update();
    }

    /** Only with the row locked. */
    void save(Refund refund, Instant now) {
        List<String> levels = refund.levels();
        jdbc.sql("""
                        update billing_refunds set refund_amount = :amount, refund_method = :method,
                            original_method = :original, method_reason = :methodReason, status = :status,
                            current_step = :step, version = :version,
                            approval_levels = case when :levelsKnown then string_to_array(:levels, ',') end,
                            approval_reason = :approvalReason,
                            approval_version = case when :levelsKnown then :version end,
                            refusal_reason = :refusalReason, prepared_by = :preparedBy, approved_by = :approvedBy,
                            processed_by = :processedBy, approved_at = :approvedAt, processed_at = :processedAt,
                            completed_at = :completedAt, payout_reference = :payoutReference,
                            gateway_refund_id = :gatewayRefundId, decline_code = :declineCode,
                            journal_entry_id = :journalEntryId, ach_destination_id = :destination,
                            hold_reason = :hold, updated_at = :now
                        where id = :id
                        """)
                .param("amount", refund.amount().getAmountMinorLong())
                .param("method", refund.method().key())
                .param("original", refund.originalMethod())
                .param("methodReason", refund.methodReason())
                .param("status", refund.status().key())
                .param("step", refund.step())
                .param("version", refund.version())
                .param("levelsKnown", levels != null)
                .param("levels", levels == null ? "" : String.join(",", levels))
                .param("approvalReason", refund.approvalReason())
                .param("refusalReason", refund.refusalReason())
                .param("preparedBy", refund.preparedBy().value())
                .param("approvedBy", value(refund.approvedBy()), java.sql.Types.OTHER)
                .param("processedBy", value(refund.processedBy()), java.sql.Types.OTHER)
                .param("approvedAt", timestamp(refund.approvedAt()), java.sql.Types.TIMESTAMP)
                .param("processedAt", timestamp(refund.processedAt()), java.sql.Types.TIMESTAMP)
                .param("completedAt", timestamp(refund.completedAt()), java.sql.Types.TIMESTAMP)
                .param("payoutReference", refund.payoutReference())
                .param("gatewayRefundId", refund.gatewayRefundId())
                .param("declineCode", refund.declineCode())
                .param("journalEntryId", refund.journalEntryId(), java.sql.Types.OTHER)
                .param("destination", refund.achDestinationId(), java.sql.Types.OTHER)
                .param("hold", refund.holdReason())
                .param("now", Timestamp.from(now))
                .param("id", refund.id())
                .update();
    }

    Refund get(UUID id) {
        return find(id, "").orElseThrow(() -> RuleViolation.notFound("the refund"));
    }

    RefundCase lock(UUID id) {
        return find(id, " for no key update")
                .map(RefundCase::new)
                .orElseThrow(() -> RuleViolation.notFound("the refund"));
    }

    /** Of an account: what its refunds under way will still take out of its credit. */
    long stillToLeaveMinor(UUID accountId, String currency) {
        return jdbc.sql("""
                        select coalesce(sum(refund_amount), 0) from billing_refunds
                        where account_id = :account and currency = :currency and journal_entry_id is null
                          and status in ('pending', 'approved', 'processing', 'failed')
                        """)
                .param("account", accountId)
                .param("currency", currency)
                .query(Long.class)
                .single();
    }

    /** What refunds under way will still take from a payment, except one of them, and what its credit paid elsewhere. */
    long underWayMinor(UUID paymentId, @Nullable UUID except) {
        return jdbc.sql("""
                        select (select coalesce(sum(refund_amount), 0) from billing_refunds
                                where original_payment_id = :payment
                                  and status in ('pending', 'approved', 'processing', 'failed')
                                  and journal_entry_id is null
                                  and (:except::uuid is null or id <> :except))
                             + (select coalesce(sum(t.amount), 0) from refund_gateway_attempts t
                                join billing_refunds r on r.org_id = t.org_id and r.id = t.refund_id
                                where r.original_payment_id = :payment and r.status in ('rejected', 'cancelled')
                                  and t.state in ('pending', 'succeeded'))
                             + (select coalesce(sum(amount), 0) from billing_credit_returns
                                where payment_id = :payment and status in ('pending', 'approved', 'posted'))
                        """)
                .param("payment", paymentId)
                .param("except", except)
                .query(Long.class)
                .single();
    }

    /**
     * What one account was refunded or asked for since then, and what is still under way whenever it was asked for: neither
     * splitting a refund nor waiting gets around a limit.
     */
    long exposureMinor(UUID accountId, String currency, Instant since) {
        return jdbc.sql("""
                        select coalesce(sum(refund_amount), 0) from billing_refunds
                        where account_id = :account and currency = :currency and
                        """ + COUNTED)
                .param("account", accountId)
                .param("currency", currency)
                .param("since", Timestamp.from(since))
                .query(Long.class)
                .single();
    }

    /** Approved, waiting for a batch, and nothing holds them back; oldest first. */
    List<Refund> readyForAch(int limit) {
        return jdbc.sql("""
                        select * from billing_refunds
                        where refund_method = 'ach' and status = 'processing' and current_step = 'await-ach'
                          and journal_entry_id is null and hold_reason is null
                        order by id limit :limit
                        """).param("limit", limit).query(RefundRows::refund).list();
    }

    /** Of an account, by ACH, whose money has not left. */
    List<UUID> openAchOf(UUID accountId) {
        return jdbc.sql("""
                        select id from billing_refunds
                        where account_id = :account and refund_method = 'ach' and journal_entry_id is null
                          and status in ('pending', 'approved', 'processing') order by id
                        """).param("account", accountId).query(UUID.class).list();
    }

    /** Refunds of payments of these claims that are not at their end, oldest first, by their claim. */
    Map<UUID, List<UUID>> underWayOfClaims(Collection<UUID> claimIds) {
        Map<UUID, List<UUID>> found = new LinkedHashMap<>();
        jdbc.sql("""
                        select r.id, p.claim_id from billing_refunds r
                        join billing_payments p on p.org_id = r.org_id and p.id = r.original_payment_id
                        where p.org_id = :org and p.claim_id = any (:claims)
                          and r.status in ('pending', 'approved', 'processing', 'failed')
                        order by r.id
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("claims", claimIds.toArray(UUID[]::new))
                .query((row, index) -> found.computeIfAbsent(
                                row.getObject("claim_id", UUID.class), claim -> new ArrayList<>())
                        .add(row.getObject("id", UUID.class)))
                .list();
        return found;
    }

    /** Oldest first. */
    List<UUID> underWayOfPayment(UUID paymentId) {
        return jdbc.sql("""
                        select id from billing_refunds
                         where original_payment_id = :payment
                           and status in ('pending', 'approved', 'processing', 'failed')
                         order by id
                        """).param("payment", paymentId).query(UUID.class).list();
    }

    boolean returnSettled(UUID id) {
        return jdbc.sql("select return_choice is not null from billing_refunds where id = :id")
                .param("id", id)
                .query(Boolean.class)
                .single();
    }

    void returnSettled(UUID id, String choice) {
        jdbc.sql("update billing_refunds set return_choice = :choice where id = :id")
                .param("choice", choice)
                .param("id", id)
                .update();
    }

    Optional<UUID> byNumber(String number) {
        return jdbc.sql("select id from billing_refunds where refund_number = :number")
                .param("number", number)
                .query(UUID.class)
                .optional();
    }

    Optional<Refund> reissueOf(UUID id) {
        return jdbc.sql("""
                        select * from billing_refunds where reissue_of = :id and status not in ('rejected', 'cancelled')
                        """).param("id", id).query(RefundRows::refund).optional();
    }

    long overdue(LocalDate today) {
        return jdbc.sql("""
                        select count(*) from billing_refunds
                        where status in ('pending', 'approved', 'processing', 'failed') and due_on < :today
                        """).param("today", today).query(Long.class).single();
    }

    /**
     * What counts on other accounts that have this in common with one, refunds and returns of credits; what its own account
     * asked for is added.
     *
     * <p>Two payments were made with one card if the gateway says so; where it told nothing about one of them, the last four
     * digits decide. Two bank accounts are one if their fingerprints are.
     */
    RelatedCases related(
            Refund refund, Relation relation, List<UUID> accountsOfGuarantor, long ownMinor, Instant since) {
        if (relation == Relation.GUARANTOR && accountsOfGuarantor.isEmpty()) {
            return new RelatedCases(relation, List.of(), refund.amount());
        }
        // A credit goes back to a payer or another account, never to the card of this one.
        String returns = relation == Relation.PAYEE ? "" : """
                union all
                select b.id, 'credit of account ' || a.account_number, c.amount, b.account_id, c.currency, c.requested_by,
                       null, null
                from billing_credit_returns c
                join billing_credit_balances b on b.org_id = c.org_id and b.id = c.credit_id
                join billing_patient_accounts a on a.org_id = b.org_id and a.id = b.account_id
                where c.status in ('pending', 'approved')
                   or c.status = 'posted' and greatest(c.requested_at, c.completed_at) >= :since
                """;
        String condition = switch (relation) {
            case GUARANTOR -> "r.account_id in (:accounts)";
            case REQUESTER -> "r.requested_by = :requester";
            case PAYEE -> """
                    exists (select from billing_payments theirs
                            join billing_payments mine
                              on mine.org_id = theirs.org_id and mine.gateway_provider = theirs.gateway_provider
                            left join payments_card_fingerprints their_card
                              on their_card.org_id = theirs.org_id and their_card.gateway_provider = theirs.gateway_provider
                             and their_card.transaction_id = theirs.gateway_transaction_id
                            left join payments_card_fingerprints my_card
                              on my_card.org_id = mine.org_id and my_card.gateway_provider = mine.gateway_provider
                             and my_card.transaction_id = mine.gateway_transaction_id
                            where theirs.id = r.original_payment_id and mine.id = :payment
                              and coalesce(my_card.fingerprint = their_card.fingerprint, mine.card_last_4 = theirs.card_last_4)
                            union all
                            select from refund_ach_destinations theirs
                            join refund_ach_destinations mine
                              on mine.org_id = theirs.org_id and mine.fingerprint = theirs.fingerprint
                            where theirs.id = r.ach_destination_id and mine.id = :destination)
                    """;
        };
        var sum = new AtomicLong(ownMinor);
        List<Numbered> others = jdbc.sql(
                        """
                        select r.id, r.number, r.amount from (
                            select r.id, r.refund_number as number, r.refund_amount as amount, r.account_id, r.currency,
                                   r.requested_by, r.original_payment_id, r.ach_destination_id
                            from billing_refunds r where
                        """ + COUNTED + "\n" + returns + """
                        ) r where r.account_id <> :account and r.currency = :currency and
                        """ + condition + " order by r.id desc limit 200")
                .param("account", refund.accountId())
                .param("currency", refund.amount().getCurrencyUnit().getCode())
                .param("since", Timestamp.from(since))
                .param("accounts", accountsOfGuarantor)
                .param("requester", refund.requestedBy().value())
                .param("payment", refund.paymentId())
                .param("destination", refund.achDestinationId(), java.sql.Types.OTHER)
                .query((row, index) -> {
                    sum.addAndGet(row.getLong("amount"));
                    return new Numbered(row.getObject("id", UUID.class), row.getString("number"));
                })
                .list();
        return new RelatedCases(
                relation,
                others,
                Amounts.ofMinor(sum.get(), refund.amount().getCurrencyUnit().getCode()));
    }

    List<Refund> list(RefundFilter filter) {
        return filtered("select *", "order by id desc limit :limit", filter)
                .query(RefundRows::refund)
                .list();
    }

    /** As {@link #list}, beginning with those that wait longest. */
    List<Refund> oldest(RefundFilter filter) {
        return filtered("select *", "order by id limit :limit", filter)
                .query(RefundRows::refund)
                .list();
    }

    /** How many there are, whatever the limit of the filter. */
    Map<RefundStatus, Long> counts(RefundFilter filter) {
        Map<RefundStatus, Long> counts = new EnumMap<>(RefundStatus.class);
        filtered("select status, count(*) as refunds", "group by status", filter)
                .query(row -> {
                    counts.put(RefundStatus.ofKey(row.getString("status")), row.getLong("refunds"));
                });
        return counts;
    }

    private JdbcClient.StatementSpec filtered(String select, String end, RefundFilter filter) {
        return jdbc.sql(select + """
                         from billing_refunds
                        where (:status::text is null or status = :status)
                          and (not :open or status in ('pending', 'approved', 'processing', 'failed'))
                          and (:account::uuid is null or account_id = :account)
                          and (:payment::uuid is null or original_payment_id = :payment)
                          and refund_amount >= :minimum
                          and (:before::timestamptz is null or requested_at < :before)
                          and (:after::uuid is null or id < :after)
                        """ + end)
                .param(
                        "status",
                        filter.status() == null ? null : filter.status().key())
                .param("open", filter.openOnly())
                .param("account", filter.accountId())
                .param("payment", filter.paymentId())
                .param("minimum", filter.minimumMinor())
                .param("before", timestamp(filter.requestedBefore()))
                .param("after", filter.after())
                .param("limit", filter.limit());
    }

    List<RefundTotal> totals() {
        return jdbc.sql("""
                        select status, currency, count(*) as refunds, sum(refund_amount) as amount,
                               min(requested_at) as oldest
                        from billing_refunds group by status, currency order by status
                        """)
                .query((row, index) -> new RefundTotal(
                        RefundStatus.ofKey(row.getString("status")),
                        row.getLong("refunds"),
                        Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                        row.getTimestamp("oldest").toInstant()))
                .list();
    }

    /** What is under way, in one currency. */
    AgeBars ages(String currency, Instant now) {
        long[] sums = new long[4];
        jdbc.sql("select " + AgeBars.bucket("requested_at", ":now") + """
                         as bucket, sum(refund_amount) as amount from billing_refunds
                        where currency = :currency and status in ('pending', 'approved', 'processing', 'failed')
                        group by 1
                        """)
                .param("now", Timestamp.from(now))
                .param("currency", currency)
                .query(row -> {
                    sums[row.getInt("bucket")] = row.getLong("amount");
                });
        return new AgeBars(Arrays.stream(sums)
                .mapToObj(sum -> Amounts.ofMinor(sum, currency))
                .toList());
    }

    /** Completed refunds by business date. */
    List<RefundDay> days(LocalDate first, LocalDate last, String zone) {
        return jdbc.sql("""
                        select (completed_at at time zone :zone)::date as day, currency, sum(refund_amount) as amount
                        from billing_refunds
                        where status = 'completed' and (completed_at at time zone :zone)::date between :first and :last
                        group by 1, 2
                        """)
                .param("zone", zone)
                .param("first", first)
                .param("last", last)
                .query((row, index) -> new RefundDay(
                        row.getObject("day", LocalDate.class),
                        Amounts.ofMinor(row.getLong("amount"), row.getString("currency"))))
                .list();
    }

    private Optional<Refund> find(UUID id, String suffix) {
        return jdbc.sql("select * from billing_refunds where id = :id" + suffix)
                .param("id", id)
                .query(RefundRows::refund)
                .optional();
    }

    private static Refund refund(ResultSet row, int index) throws SQLException {
        Array levels = row.getArray("approval_levels");
        Money amount = Amounts.ofMinor(row.getLong("refund_amount"), row.getString("currency"));
        return new Refund(
                row.getObject("id", UUID.class),
                row.getString("refund_number"),
                row.getObject("account_id", UUID.class),
                row.getObject("original_payment_id", UUID.class),
                uuid(row, "credit_balance_id"),
                row.getObject("refund_date", LocalDate.class),
                amount,
                RefundMethod.ofKey(row.getString("refund_method")),
                row.getBoolean("original_method"),
                row.getString("method_reason"),
                row.getString("refund_reason"),
                row.getString("reason_description"),
                RefundStatus.ofKey(row.getString("status")),
                row.getString("current_step"),
                row.getInt("version"),
                levels == null ? null : List.of((String[]) levels.getArray()),
                row.getString("approval_reason"),
                row.getString("refusal_reason"),
                new UserId(row.getObject("requested_by", UUID.class)),
                new UserId(row.getObject("prepared_by", UUID.class)),
                Arrays.stream((UUID[]) row.getArray("preparers").getArray())
                        .map(UserId::new)
                        .collect(Collectors.toSet()),
                user(row, "approved_by"),
                user(row, "processed_by"),
                row.getTimestamp("requested_at").toInstant(),
                instant(row, "approved_at"),
                instant(row, "processed_at"),
                instant(row, "completed_at"),
                row.getString("payout_reference"),
                row.getString("gateway_refund_id"),
                row.getString("decline_code"),
                uuid(row, "journal_entry_id"),
                uuid(row, "ach_destination_id"),
                row.getString("hold_reason"),
                uuid(row, "reissue_of"),
                row.getObject("due_on", LocalDate.class));
    }

    private static @Nullable UUID value(@Nullable UserId user) {
        return user == null ? null : user.value();
    }

    private static @Nullable Timestamp timestamp(@Nullable Instant instant) {
        return instant == null ? null : Timestamp.from(instant);
    }

    private static @Nullable UUID uuid(ResultSet row, String column) throws SQLException {
        return row.getObject(column, UUID.class);
    }

    private static @Nullable UserId user(ResultSet row, String column) throws SQLException {
        UUID id = uuid(row, column);
        return id == null ? null : new UserId(id);
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp timestamp = row.getTimestamp(column);
        return timestamp == null ? null : timestamp.toInstant();
    }

    record RefundDay(LocalDate day, Money amount) {}
}
