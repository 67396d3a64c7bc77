package io.remitflow.payments;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.ledger.ClearingReference;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code payments_payouts} and {@code payments_payout_lines}. */
@Repository
class PayoutRows {

    /** With what its reference in clearing has left, and how much of it is unknown. */
    private static final String SELECT = """
            select p.*, coalesce(r.balance, 0) as open_amount,
                   (select count(*) from payments_payout_lines l
                     where l.org_id = p.org_id and l.payout_id = p.id and l.reference_kind is null and l.kind <> 'fee') as unknown
              from payments_payouts p
              join accounting_chart_of_accounts a on a.org_id = p.org_id and a.account_code = '1060'
              left join accounting_clearing_references r on r.org_id = p.org_id and r.account_id = a.id
                   and r.reference_kind = 'payout' and r.reference_value = p.gateway_payout_id
             where p.org_id = :org
            """;

    private static final int AT_ONCE = 500;

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;

    PayoutRows(JdbcClient jdbc, JdbcTemplate batches) {
        this.jdbc = jdbc;
        this.batches = batches;
    }

    /** Until the transaction ends. */
    void lockGateway(String provider) {
        select("select id from billing_payment_gateways where org_id = :org and gateway_provider = :provider"
                        + " for no key update")
                .param("provider", provider)
                .query(UUID.class)
                .list();
    }

    void insert(UUID id, String number, String provider, PayoutGateway.GatewayPayout news, Instant now) {
        jdbc.sql("""
                                insert into payments_payouts (org_id, id, payout_number, gateway_provider, gateway_payout_id,
                                    amount, currency, status, automatic, arrives_on, issued_at, trace_number,
                                    statement_descriptor, failure_code, state, first_seen_at, checked_at)
                                values (:org, :id, :number, :provider, :payout, :amount, :currency, :status, :automatic,
                                    :arrives, :issued, :trace, :descriptor, :failure, 'collecting', :now, :now)
                                """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("number", number)
                .param("provider", provider)
                .param("payout", news.id())
                .param("amount", news.amount().getAmountMinorLong())
                .param("currency", news.amount().getCurrencyUnit().getCode())
                .param("status", news.status().key())
                .param("automatic", news.automatic())
                .param("arrives", news.arrivesOn())
                .param("issued", Timestamp.from(news.issuedAt()))
                .param("trace", news.traceNumber(), Types.VARCHAR)
                .param("descriptor", news.statementDescriptor(), Types.VARCHAR)
                .param("failure", news.failureCode(), Types.VARCHAR)
                .param("now", Timestamp.from(now))
                .update();
    }

    /** Only with its row locked. */
    void save(Payout payout) {
        jdbc.sql("""
                        update payments_payouts set status = :status, arrives_on = :arrives, trace_number = :trace,
                            statement_descriptor = :descriptor, failure_code = :failure, state = :state,
                            hold_reason = :reason, gross_amount = :gross, fee_amount = :fee, line_count = :lines,
                            journal_entry_id = :entry, return_entry_id = :returned, checked_at = :checked
                        where id = :id
                        """)
                .param("status", payout.status().key())
                .param("arrives", payout.arrivesOn())
                .param("trace", payout.traceNumber(), Types.VARCHAR)
                .param("descriptor", payout.statementDescriptor(), Types.VARCHAR)
                .param("failure", payout.failureCode(), Types.VARCHAR)
                .param("state", payout.state().name().toLowerCase(Locale.ROOT))
                .param("reason", payout.holdReason(), Types.VARCHAR)
                .param("gross", payout.gross().getAmountMinorLong())
                .param("fee", payout.fee().getAmountMinorLong())
                .param("lines", payout.lineCount())
                .param("entry", payout.journalEntryId(), Types.OTHER)
                .param("returned", payout.returnEntryId(), Types.OTHER)
                .param("checked", Timestamp.from(payout.checkedAt()))
                .param("id", payout.id())
                .update();
    }

    void insert(String provider, Collection<PayoutLine> lines) {
        UUID org = CurrentOrganization.id().value();
        batches.batchUpdate("""
                insert into payments_payout_lines (org_id, id, payout_id, gateway_provider, gateway_transaction_id,
                    transaction_type, kind, source_id, amount, fee_amount, net_amount, currency, reference_kind,
                    reference_value, payment_id, dispute_id, related_payout_id, problem, occurred_at)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, lines, AT_ONCE, (row, line) -> {
            ClearingReference reference = line.reference();
            row.setObject(1, org);
            row.setObject(2, line.id());
            row.setObject(3, line.payoutId());
            row.setString(4, provider);
            row.setString(5, line.transactionId());
            row.setString(6, line.type());
            row.setString(7, line.kind().key());
            row.setString(8, line.sourceId());
            row.setLong(9, line.amount().getAmountMinorLong());
            row.setLong(10, line.fee().getAmountMinorLong());
            row.setLong(11, line.net().getAmountMinorLong());
            row.setString(12, line.net().getCurrencyUnit().getCode());
            row.setString(13, reference == null ? null : reference.kind());
            row.setString(14, reference == null ? null : reference.value());
            row.setObject(15, line.paymentId(), Types.OTHER);
            row.setObject(16, line.disputeId(), Types.OTHER);
            row.setObject(17, line.relatedPayoutId(), Types.OTHER);
            row.setString(18, line.problem());
            row.setTimestamp(19, Timestamp.from(line.occurredAt()));
        });
    }

    /** What was unknown is known now. */
    void resolve(PayoutLine line, UUID entryId) {
        ClearingReference reference = line.reference();
        jdbc.sql("""
                        update payments_payout_lines set reference_kind = :kind, reference_value = :value,
                            source_id = :source, payment_id = :payment, dispute_id = :dispute,
                            related_payout_id = :related, problem = :problem, resolved_entry_id = :entry
                        where id = :id
                        """)
                .param("kind", reference == null ? null : reference.kind(), Types.VARCHAR)
                .param("value", reference == null ? null : reference.value(), Types.VARCHAR)
                .param("source", line.sourceId(), Types.VARCHAR)
                .param("payment", line.paymentId(), Types.OTHER)
                .param("dispute", line.disputeId(), Types.OTHER)
                .param("related", line.relatedPayoutId(), Types.OTHER)
                .param("problem", line.problem(), Types.VARCHAR)
                .param("entry", entryId)
                .param("id", line.id())
                .update();
    }

    Optional<Payout> find(UUID id) {
        return select(SELECT + " and p.id = :id")
                .param("id", id)
                .query(PayoutRows::payout)
                .optional();
    }

    Optional<Payout> ofGateway(String provider, String gatewayPayoutId) {
        return select(SELECT + " and p.gateway_provider = :provider and p.gateway_payout_id = :payout")
                .param("provider", provider)
                .param("payout", gatewayPayoutId)
                .query(PayoutRows::payout)
                .optional();
    }

    /** With its row locked until the transaction ends. */
    Payout lock(String provider, String gatewayPayoutId) {
        return select(
                        SELECT
                                + " and p.gateway_provider = :provider and p.gateway_payout_id = :payout for no key update of p")
                .param("provider", provider)
                .param("payout", gatewayPayoutId)
                .query(PayoutRows::payout)
                .single();
    }

    /** Newest first. */
    List<Payout> list(PayoutFilter filter) {
        String condition = switch (filter.show()) {
            case ALL -> "";
            case OPEN -> " and (p.state <> 'posted' or coalesce(r.balance, 0) <> 0)";
            case SETTLED -> " and p.state = 'posted' and coalesce(r.balance, 0) = 0";
            case PROBLEMS -> """
                     and (p.state = 'held' or p.status in ('failed', 'canceled') or not p.automatic
                          or exists (select from payments_payout_lines l where l.org_id = p.org_id and l.payout_id = p.id
                                       and l.problem is not null))
                    """;
        };
        return select(SELECT + condition + """
                         and (:after::uuid is null or (p.issued_at, p.id) < (
                             select x.issued_at, x.id from payments_payouts x where x.org_id = :org and x.id = :after::uuid))
                         order by p.issued_at desc, p.id desc limit :limit
                        """)
                .param("after", filter.after(), Types.OTHER)
                .param("limit", filter.limit())
                .query(PayoutRows::payout)
                .list();
    }

    /**
     * Those that may have changed: without all their transactions since {@code before}, the others with anything left to
     * learn since {@code longBefore}.
     */
    List<Payout> withoutNews(Instant before, Instant longBefore, LocalDate recently, int limit) {
        return select("select * from (" + SELECT + """
                        ) p where (p.state = 'collecting' and p.checked_at < :before)
                           or (p.checked_at < :long and (p.state = 'held' or p.unknown > 0
                                or p.status in ('pending', 'in_transit') or p.arrives_on >= :recently
                                or (p.status in ('failed', 'canceled') and p.open_amount <> 0)))
                        order by p.checked_at limit :limit
                        """)
                .param("before", Timestamp.from(before))
                .param("long", Timestamp.from(longBefore))
                .param("recently", recently)
                .param("limit", limit)
                .query(PayoutRows::payout)
                .list();
    }

    Optional<Instant> latest(String provider) {
        return jdbc.sql("""
                        select max(issued_at) from payments_payouts where gateway_provider = :provider
                        """)
                .param("provider", provider)
                .query(Timestamp.class)
                .optional()
                .map(Timestamp::toInstant);
    }

    /** In the order in which they happened. */
    List<PayoutLine> lines(UUID payoutId, @Nullable UUID after, int limit) {
        return select("""
                        select * from payments_payout_lines where org_id = :org and payout_id = :payout
                           and (:after::uuid is null or (occurred_at, id) > (
                               select x.occurred_at, x.id from payments_payout_lines x
                                where x.org_id = :org and x.id = :after::uuid))
                         order by occurred_at, id limit :limit
                        """)
                .param("payout", payoutId)
                .param("after", after, Types.OTHER)
                .param("limit", limit)
                .query(PayoutRows::line)
                .list();
    }

    List<PayoutLine> unknownLines(UUID payoutId) {
        return select("""
                        select * from payments_payout_lines where org_id = :org and payout_id = :payout
                           and reference_kind is null and kind <> 'fee' order by occurred_at, id
                        """).param("payout", payoutId).query(PayoutRows::line).list();
    }

    /** Those of a payment, its refunds and its disputes. */
    List<PayoutLine> ofPayment(UUID paymentId) {
        return select("""
                        select * from payments_payout_lines where org_id = :org and payment_id = :payment
                         order by occurred_at, id
                        """).param("payment", paymentId).query(PayoutRows::line).list();
    }

    /** What later payouts carried of this one, because it came back. */
    long carriedOn(UUID payoutId) {
        return select("""
                        select coalesce(sum(net_amount), 0) from payments_payout_lines
                         where org_id = :org and related_payout_id = :payout and reference_kind = 'payout'
                        """).param("payout", payoutId).query(Long.class).single();
    }

    /** One of these transactions that another payout carried already. */
    Optional<String> carriedElsewhere(String provider, Collection<String> transactionIds) {
        return select("""
                        select l.gateway_transaction_id || ' was in payout ' || p.payout_number
                          from payments_payout_lines l
                          join payments_payouts p on p.org_id = l.org_id and p.id = l.payout_id
                         where l.org_id = :org and l.gateway_provider = :provider
                           and l.gateway_transaction_id = any(:ids) limit 1
                        """)
                .param("provider", provider)
                .param("ids", transactionIds.toArray(String[]::new))
                .query(String.class)
                .optional();
    }

    record KnownPayment(UUID id, String number, Money amount) {}

    /** By the gateway's number. */
    Map<String, KnownPayment> payments(String provider, Collection<String> transactionIds) {
        Map<String, KnownPayment> found = new HashMap<>();
        select("""
                        select id, payment_number, payment_amount, currency, gateway_transaction_id from billing_payments
                         where org_id = :org and gateway_provider = :provider and gateway_transaction_id = any(:ids)
                        """)
                .param("provider", provider)
                .param("ids", transactionIds.toArray(String[]::new))
                .query(row -> {
                    found.put(
                            row.getString("gateway_transaction_id"),
                            new KnownPayment(
                                    row.getObject("id", UUID.class),
                                    row.getString("payment_number"),
                                    money(row, "payment_amount")));
                });
        return found;
    }

    /** @param net what its booking took out of clearing, or brought */
    record KnownMovement(UUID disputeId, UUID paymentId, String gatewayDisputeId, Money net) {}

    /** What disputes moved, by the transaction at the gateway. */
    Map<String, KnownMovement> movements(String provider, Collection<String> transactionIds) {
        Map<String, KnownMovement> found = new HashMap<>();
        select("""
                        select m.gateway_transaction_id, m.amount - m.fee_amount as net, m.currency, d.id, d.payment_id,
                               d.gateway_dispute_id
                          from billing_dispute_movements m
                          join billing_disputes d on d.org_id = m.org_id and d.id = m.dispute_id
                         where m.org_id = :org and d.gateway_provider = :provider
                           and m.gateway_transaction_id = any(:ids)
                        """)
                .param("provider", provider)
                .param("ids", transactionIds.toArray(String[]::new))
                .query(row -> {
                    found.put(
                            row.getString("gateway_transaction_id"),
                            new KnownMovement(
                                    row.getObject("id", UUID.class),
                                    row.getObject("payment_id", UUID.class),
                                    row.getString("gateway_dispute_id"),
                                    money(row, "net")));
                });
        return found;
    }

    record KnownPayout(UUID id, boolean automatic, Money amount) {}

    /** Those that are posted, by the gateway's number. */
    Map<String, KnownPayout> posted(String provider, Collection<String> payoutIds) {
        Map<String, KnownPayout> found = new HashMap<>();
        select("""
                        select id, gateway_payout_id, automatic, amount, currency from payments_payouts
                         where org_id = :org and gateway_provider = :provider and state = 'posted'
                           and gateway_payout_id = any(:ids)
                        """)
                .param("provider", provider)
                .param("ids", payoutIds.toArray(String[]::new))
                .query(row -> {
                    found.put(
                            row.getString("gateway_payout_id"),
                            new KnownPayout(
                                    row.getObject("id", UUID.class),
                                    row.getBoolean("automatic"),
                                    money(row, "amount")));
                });
        return found;
    }

    private JdbcClient.StatementSpec select(String sql) {
        return jdbc.sql(sql).param("org", CurrentOrganization.id().value());
    }

    private static Money money(ResultSet row, String column) throws SQLException {
        return Amounts.ofMinor(row.getLong(column), row.getString("currency"));
    }

    private static Payout payout(ResultSet row, int index) throws SQLException {
        return new Payout(
                row.getObject("id", UUID.class),
                row.getString("payout_number"),
                row.getString("gateway_provider"),
                row.getString("gateway_payout_id"),
                money(row, "amount"),
                PayoutStatus.ofKey(row.getString("status")),
                row.getBoolean("automatic"),
                row.getObject("arrives_on", LocalDate.class),
                row.getTimestamp("issued_at").toInstant(),
                row.getString("trace_number"),
                row.getString("statement_descriptor"),
                row.getString("failure_code"),
                Payout.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getString("hold_reason"),
                money(row, "gross_amount"),
                money(row, "fee_amount"),
                row.getInt("line_count"),
                row.getObject("journal_entry_id", UUID.class),
                row.getObject("return_entry_id", UUID.class),
                money(row, "open_amount"),
                row.getInt("unknown"),
                row.getTimestamp("first_seen_at").toInstant(),
                row.getTimestamp("checked_at").toInstant());
    }

    private static PayoutLine line(ResultSet row, int index) throws SQLException {
        String kind = row.getString("reference_kind");
        return new PayoutLine(
                row.getObject("id", UUID.class),
                row.getObject("payout_id", UUID.class),
                row.getString("gateway_transaction_id"),
                row.getString("transaction_type"),
                PayoutLineKind.ofKey(row.getString("kind")),
                row.getString("source_id"),
                money(row, "amount"),
                money(row, "fee_amount"),
                money(row, "net_amount"),
                kind == null ? null : new ClearingReference(kind, row.getString("reference_value")),
                row.getObject("payment_id", UUID.class),
                row.getObject("dispute_id", UUID.class),
                row.getObject("related_payout_id", UUID.class),
                row.getString("problem"),
                row.getObject("resolved_entry_id", UUID.class),
                row.getTimestamp("occurred_at").toInstant());
    }
}
