package io.remitflow.refunds;

import io.remitflow.core.Amounts;
import io.remitflow.core.CardNumbers;
import io.remitflow.core.Ids;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.UserId;
import io.remitflow.refunds.CreditBalance.Closing;
import io.remitflow.refunds.CreditBalance.Owner;
import io.remitflow.refunds.CreditClassification.BelongsTo;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables of credit balances, except of how they go back. */
@Repository
class CreditRows {

    private static final String SELECT =
            "select b.*, %s, %s from billing_credit_balances b ".formatted(takings("taken"), takings("announced"));

    /** Probe and question of the nightly sweep. */
    static final String OUT_OF_STEP =
            differences("billing_credits", "(select * from billing_credit_balances where state <> 'resolved')") + """
            and not (k.id is null and n.amount is not distinct from (
                select d.dismissed from billing_credit_balances d
                where d.account_id = n.account_id and d.claim_id is not distinct from n.claim_id and d.owner = n.owner
                order by d.id desc limit 1))
            """;

    private static final List<String> AGES = List.of(
            "age <= 30", "age between 31 and 60", "age between 61 and 90", "age between 91 and 120", "age > 120");

    private static final List<String> DAYS_LEFT = List.of(
            "days_left < 0",
            "days_left between 0 and 7",
            "days_left between 8 and 30",
            "days_left between 31 and 60",
            "days_left > 60");

    private final JdbcClient jdbc;
    private final Clock clock;

    CreditRows(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    private static String takings(String which) {
        return "coalesce((select t.%1$s from billing_credit_takings t where t.org_id = b.org_id and t.claim_id = b.claim_id"
                        .formatted(which)
                + " and t.payer_id = b.payer_id and t.currency = b.currency and b.owner = 'payer'), 0) as " + which;
    }

    CreditBalance get(UUID id) {
        return find(id, "").orElseThrow(() -> RuleViolation.notFound("the credit balance"));
    }

    CreditBalance lock(UUID id) {
        return find(id, " for no key update").orElseThrow(() -> RuleViolation.notFound("the credit balance"));
    }

    private Optional<CreditBalance> find(UUID id, String suffix) {
        return jdbc.sql(SELECT + "where id = :id" + suffix)
                .param("id", id)
                .query(CreditRows::creditBalance)
                .optional();
    }

    /** With its row locked. */
    Optional<CreditBalance> unresolved(UUID claimId, Owner owner) {
        return jdbc.sql(SELECT + "where claim_id = :claim and owner = :owner and state <> 'resolved' for no key update")
                .param("claim", claimId)
                .param("owner", owner.key())
                .query(CreditRows::creditBalance)
                .optional();
    }

    /**
     * On the side of the patient.
     *
     * @param claimId null: of money that belongs to no claim
     * @param lock whether its row is locked until the transaction ends
     */
    Optional<CreditBalance> unresolvedOfPatient(UUID accountId, @Nullable UUID claimId, boolean lock) {
        return jdbc.sql(SELECT + "where "
                        + (claimId == null ? "account_id = :id and claim_id is null" : "claim_id = :id")
                        + " and owner = 'patient' and state <> 'resolved'" + (lock ? " for no key update" : ""))
                .param("id", claimId == null ? accountId : claimId)
                .query(CreditRows::creditBalance)
                .optional();
    }

    /** What the patient has too much on the claim, or without one on the account, as the transactions say now. */
    long patientCreditMinor(UUID accountId, @Nullable UUID claimId) {
        return creditMinor(Owner.PATIENT, accountId, claimId);
    }

    long payerCreditMinor(UUID accountId, UUID claimId) {
        return creditMinor(Owner.PAYER, accountId, claimId);
    }

    private long creditMinor(Owner owner, UUID accountId, @Nullable UUID claimId) {
        return jdbc.sql("select coalesce(sum(amount), 0) from billing_credits where owner = :owner and "
                        + (claimId == null ? "claim_id is null and account_id = :id" : "claim_id = :id"))
                .param("owner", owner.key())
                .param("id", claimId == null ? accountId : claimId)
                .query(Long.class)
                .single();
    }

    /** Credits of these accounts and claims whose case says something else, or is missing; those that were dismissed too. */
    List<Difference> differences(Collection<UUID> accountIds, Collection<UUID> claimIds) {
        return jdbc.sql(differences("""
                        (select * from billing_credits where claim_id = any (:claims)
                         union all select * from billing_credits where claim_id is null and account_id = any (:accounts))
                        """, """
                        (select * from billing_credit_balances where state <> 'resolved'
                         and (claim_id = any (:claims) or claim_id is null and account_id = any (:accounts)))
                        """))
                .param("claims", claimIds.toArray(UUID[]::new))
                .param("accounts", accountIds.toArray(UUID[]::new))
                .query(Difference.class)
                .list();
    }

    /** As {@link #differences}, of all accounts, but without what was dismissed. */
    List<Difference> outOfStep() {
        return jdbc.sql(OUT_OF_STEP).query(Difference.class).list();
    }

    private static String differences(String credits, String cases) {
        return """
                select coalesce(n.account_id, k.account_id) as account_id, coalesce(n.claim_id, k.claim_id) as claim_id,
                       coalesce(n.owner, k.owner) as owner, coalesce(n.currency, k.currency) as currency,
                       coalesce(n.amount, 0) as amount_minor
                from %s n
                full join %s k on k.owner = n.owner and coalesce(k.claim_id, k.account_id) = coalesce(n.claim_id, n.account_id)
                where coalesce(n.amount, 0) <> coalesce(k.amount, 0)
                """.formatted(credits, cases);
    }

    /** @param amountMinor what the transactions say */
    record Difference(UUID accountId, @Nullable UUID claimId, String owner, String currency, long amountMinor) {}

    /** A credit that was dismissed and is gone since then: the next one is another one, even of the same amount. */
    void forgetDismissed(Collection<UUID> accountIds, Collection<UUID> claimIds) {
        jdbc.sql("""
                        update billing_credit_balances b set dismissed = null
                        where b.dismissed is not null
                          and (b.claim_id = any (:claims) or b.claim_id is null and b.account_id = any (:accounts))
                          and not exists (select from billing_credits n
                                          where n.account_id = b.account_id and n.claim_id = b.claim_id and n.owner = b.owner)
                          and not exists (select from billing_credits n
                                          where b.claim_id is null and n.claim_id is null and n.account_id = b.account_id)
                        """)
                .param("claims", claimIds.toArray(UUID[]::new))
                .param("accounts", accountIds.toArray(UUID[]::new))
                .update();
    }

    /** The payer whose payment was posted last to the claim, or else the one that it was sent to. */
    UUID payerOf(UUID claimId) {
        return jdbc.sql("""
                        select coalesce(
                            (select t.payer_id from billing_patient_transactions t
                             where t.claim_id = c.id and t.payer_id is not null and t.responsibility = 'insurance'
                               and t.transaction_type = 'payment'
                             order by t.id desc limit 1),
                            c.payer_id)
                        from billing_claims c where c.id = :claim
                        """).param("claim", claimId).query(UUID.class).single();
    }

    /** Of a claim, resolved or not. */
    Optional<CreditBalance> latest(UUID claimId, Owner owner) {
        return jdbc.sql(SELECT + "where claim_id = :claim and owner = :owner order by id desc limit 1")
                .param("claim", claimId)
                .param("owner", owner.key())
                .query(CreditRows::creditBalance)
                .optional();
    }

    List<CreditBalance> unresolvedOf(Collection<UUID> claimIds) {
        return jdbc.sql(SELECT + "where org_id = :org and claim_id = any (:claims) and state <> 'resolved' order by id")
                .param("org", organization())
                .param("claims", claimIds.toArray(UUID[]::new))
                .query(CreditRows::creditBalance)
                .list();
    }

    List<CreditBalance> unresolved() {
        return jdbc.sql(SELECT + "where state <> 'resolved' order by id")
                .query(CreditRows::creditBalance)
                .list();
    }

    /** Unresolved ones first, then by the day they are due. */
    List<CreditBalance> list(CreditFilter filter, LocalDate today) {
        Integer within = filter.dueWithinDays();
        return jdbc.sql(SELECT + """
                        where (:state::text is null or state = :state)
                          and (:all or :state::text is not null or state <> 'resolved')
                          and (:owner::text is null or belongs_to = :owner)
                          and (:class::text is null or payer_class = :class)
                          and (:due::date is null or refund_due <= :due)
                          and (not :letter or (letter_asked_for is not null and letter_sent_on is null
                               and (payer_class is null or payer_class not in (:never))))
                          and (:after::uuid is null or ((state = 'resolved'), refund_due, id) >
                               (select (a.state = 'resolved'), a.refund_due, a.id from billing_credit_balances a where a.id = :after))
                        order by (state = 'resolved'), refund_due, id limit :limit
                        """)
                .param("state", filter.state() == null ? null : filter.state().key(), Types.VARCHAR)
                .param("all", filter.all())
                .param(
                        "owner",
                        filter.belongsTo() == null ? null : filter.belongsTo().key(),
                        Types.VARCHAR)
                .param(
                        "class",
                        filter.payerClass() == null ? null : filter.payerClass().key(),
                        Types.VARCHAR)
                .param("due", within == null ? null : Date.valueOf(today.plusDays(within)), Types.DATE)
                .param("letter", filter.needsLetter())
                .param(
                        "never",
                        Dormancy.NEVER.stream()
                                .map(CreditClassification.PayerClass::key)
                                .toList())
                .param("after", filter.after(), Types.OTHER)
                .param("limit", filter.limit())
                .query(CreditRows::creditBalance)
                .list();
    }

    long unresolvedMinor(String currency) {
        return jdbc.sql("""
                        select coalesce(sum(amount), 0) from billing_credit_balances
                        where state <> 'resolved' and currency = :currency
                        """).param("currency", currency).query(Long.class).single();
    }

    long openCount() {
        return jdbc.sql("select count(*) from billing_credit_balances where state = 'open'")
                .query(Long.class)
                .single();
    }

    /** By owner, the one with most first. */
    List<CreditAging> aging(LocalDate today, String currency) {
        String columns = IntStream.range(0, AGES.size())
                .mapToObj(
                        i -> ", coalesce(sum(amount) filter (where %s), 0)::bigint as age_%d".formatted(AGES.get(i), i)
                                + ", coalesce(sum(amount) filter (where %s), 0)::bigint as left_%d"
                                        .formatted(DAYS_LEFT.get(i), i))
                .reduce("", String::concat);
        return jdbc.sql("select belongs_to, count(*) as credits, sum(amount)::bigint as total" + columns + """
                         from (select belongs_to, amount, :today::date - identified_on as age,
                                      refund_due - :today::date as days_left
                               from billing_credit_balances where state <> 'resolved' and currency = :currency) c
                        group by belongs_to order by total desc
                        """)
                .param("today", Date.valueOf(today))
                .param("currency", currency)
                .query((row, index) -> new CreditAging(
                        belongsTo(row),
                        row.getLong("credits"),
                        Amounts.ofMinor(row.getLong("total"), currency),
                        Amounts.ofMinor(row.getLong("left_0"), currency),
                        amounts(row, "age_", currency),
                        amounts(row, "left_", currency)))
                .list();
    }

    /** Whether this very credit stood in the books when its case was closed without moving it. */
    boolean wasDismissed(UUID accountId, @Nullable UUID claimId, Owner owner, Money credit) {
        String subject = claimId == null ? "claim_id is null and account_id = :subject" : "claim_id = :subject";
        return jdbc.sql("select dismissed from billing_credit_balances where " + subject
                        + " and owner = :owner order by id desc limit 1")
                .param("subject", claimId == null ? accountId : claimId)
                .param("owner", owner.key())
                .query((row, index) -> row.getLong("dismissed") == credit.getAmountMinorLong())
                .optional()
                .orElse(false);
    }

    /** Those whose amount is the wanted one first; also where nothing is left. */
    List<PayerCredit> creditsOf(UUID payerId, Money wanted, @Nullable String controlNumber, int limit) {
        String currency = wanted.getCurrencyUnit().getCode();
        return jdbc.sql("""
                        select k.id, k.claim_id, c.control_number, k.account_id,
                               coalesce((select sum(n.amount) from billing_credits n
                                         where n.claim_id = k.claim_id and n.owner = 'payer'), 0)
                               - coalesce((select sum(t.taken + t.announced) from billing_credit_takings t
                                           where t.claim_id = k.claim_id and t.payer_id = k.payer_id
                                             and t.currency = k.currency), 0) as remaining
                        from (select distinct on (b.claim_id) b.* from billing_credit_balances b
                              where b.org_id = :org and b.owner = 'payer' and b.claim_id is not null
                                and (b.state <> 'resolved' or b.dismissed is not null)
                              order by b.claim_id, b.id desc) k
                        join billing_claims c on c.org_id = k.org_id and c.id = k.claim_id
                        where k.payer_id = :payer and k.currency = :currency
                          and (:number::text is null or c.control_number = :number)
                        order by (coalesce(k.dismissed, k.amount) = :wanted) desc, k.id limit :limit
                        """)
                .param("org", organization())
                .param("payer", payerId)
                .param("currency", currency)
                .param("number", controlNumber, Types.VARCHAR)
                .param("wanted", wanted.getAmountMinorLong())
                .param("limit", limit)
                .query((row, number) -> new PayerCredit(
                        row.getObject("id", UUID.class),
                        row.getObject("claim_id", UUID.class),
                        row.getString("control_number"),
                        row.getObject("account_id", UUID.class),
                        payerId,
                        Amounts.ofMinor(row.getLong("remaining"), currency)))
                .list();
    }

    /** What the payer took for the claim without having reversed it. */
    Money taken(UUID claimId, UUID payerId, String currency) {
        long minor = jdbc.sql("""
                        select coalesce(sum(taken), 0)::bigint from billing_credit_takings
                        where claim_id = :claim and payer_id = :payer and currency = :currency
                        """)
                .param("claim", claimId)
                .param("payer", payerId)
                .param("currency", currency)
                .query(Long.class)
                .single();
        return Amounts.ofMinor(minor, currency);
    }

    /**
     * A credit whose last case ended as taken back, and that is still within what was taken, needs no other case.
     *
     * @return false: its last case did not end so
     */
    boolean stillTakenBack(UUID claimId, UUID payerId, Money credit) {
        return jdbc.sql("""
                        update billing_credit_balances set dismissed = :credit
                        where id = (select id from billing_credit_balances where claim_id = :claim and owner = 'payer'
                                    order by id desc limit 1)
                          and payer_id = :payer and closing = 'taken_back' and dismissed is not null
                        """)
                        .param("credit", credit.getAmountMinorLong())
                        .param("claim", claimId)
                        .param("payer", payerId)
                        .update()
                == 1;
    }

    /** Less was taken than the case said that ended so: what the books say counts again. */
    void forgetTakenBack(UUID claimId) {
        jdbc.sql("""
                        update billing_credit_balances b set dismissed = null
                        where b.claim_id = :claim and b.owner = 'payer' and b.closing = 'taken_back'
                          and b.dismissed > coalesce((select t.taken from billing_credit_takings t
                                                      where t.org_id = b.org_id and t.claim_id = b.claim_id
                                                        and t.payer_id = b.payer_id and t.currency = b.currency), 0)
                        """).param("claim", claimId).update();
    }

    void insert(CreditBalance credit) {
        CreditClassification classification = credit.classification();
        jdbc.sql("""
                        insert into billing_credit_balances (org_id, id, account_id, claim_id, payment_id, payer_id, amount,
                            currency, cause, state, refund_due, opened_at, changed_at, owner, step, identified_on, belongs_to,
                            payer_class, cause_code)
                        values (:org, :id, :account, :claim, :payment, :payer, :amount, :currency, :cause, 'open', :due, :now,
                            :now, :owner, :step, :identified, :belongsTo, :class, :causeCode)
                        """)
                .param("org", organization())
                .param("id", credit.id())
                .param("account", credit.accountId())
                .param("claim", credit.claimId(), Types.OTHER)
                .param("payment", credit.paymentId(), Types.OTHER)
                .param("payer", credit.payerId(), Types.OTHER)
                .param("amount", credit.amount().getAmountMinorLong())
                .param("currency", credit.amount().getCurrencyUnit().getCode())
                .param("cause", credit.cause())
                .param("due", credit.refundDue())
                .param("now", Timestamp.from(credit.openedAt()))
                .param("owner", credit.owner().key())
                .param("step", credit.step())
                .param("identified", credit.identifiedOn())
                .param(
                        "belongsTo",
                        classification == null
                                ? null
                                : classification.belongsTo().key(),
                        Types.VARCHAR)
                .param(
                        "class",
                        classification == null
                                ? null
                                : classification.payerClass().key(),
                        Types.VARCHAR)
                .param(
                        "causeCode",
                        classification == null ? null : classification.cause().key(),
                        Types.VARCHAR)
                .update();
    }

    void amount(UUID id, Money credit, @Nullable UUID paymentId) {
        update("amount = :value, payment_id = :other", id, credit.getAmountMinorLong(), paymentId);
    }

    /** Whether a refund of the credit goes on, other than this one. */
    boolean hasRefundUnderWay(UUID id, UUID exceptRefund) {
        return jdbc.sql("""
                        select exists (select from billing_refunds where credit_balance_id = :id and id <> :refund
                                       and status in ('pending', 'approved', 'processing', 'failed'))
                        """)
                .param("id", id)
                .param("refund", exceptRefund)
                .query(Boolean.class)
                .single();
    }

    /** @return whether it stood in the one state before */
    boolean changeState(UUID id, CreditBalance.State from, CreditBalance.State to, String step) {
        return jdbc.sql("""
                        update billing_credit_balances set state = :to, step = :step, refusal = null, changed_at = :now
                        where id = :id and state = :from
                        """)
                        .param("to", to.key())
                        .param("step", step)
                        .param("from", from.key())
                        .param("id", id)
                        .param("now", now())
                        .update()
                == 1;
    }

    void step(UUID id, String step, @Nullable String refusal) {
        update("step = :value, refusal = :other::text", id, step, refusal);
    }

    void refused(UUID id, String refusal) {
        update("refusal = :value", id, refusal, null);
    }

    void due(UUID id, LocalDate due) {
        update("refund_due = :value", id, Date.valueOf(due), null);
    }

    void reminded(UUID id, LocalDate due) {
        update("reminded_for = :value", id, Date.valueOf(due), null);
    }

    void letterAskedFor(UUID id, LocalDate due) {
        update("letter_asked_for = :value", id, Date.valueOf(due), null);
    }

    void letterSent(UUID id, LocalDate sentOn) {
        update("letter_sent_on = :value", id, Date.valueOf(sentOn), null);
    }

    void escalated(UUID id, LocalDate due) {
        update("escalated_for = :value", id, Date.valueOf(due), null);
    }

    void resolve(UUID id, Closing closing, String resolution, @Nullable Money dismissed) {
        jdbc.sql("""
                        update billing_credit_balances set state = 'resolved', step = :step, amount = 0, resolved_at = :now,
                            changed_at = :now, resolution = :resolution, closing = :closing, dismissed = :dismissed, refusal = null
                        where id = :id
                        """)
                .param("step", CreditBalanceSteps.CLOSED)
                .param("now", now())
                .param("resolution", resolution)
                .param("closing", closing.key())
                .param("dismissed", dismissed == null ? null : dismissed.getAmountMinorLong(), Types.BIGINT)
                .param("id", id)
                .update();
    }

    /** @param decidedBy null: a proposal of the books */
    void classify(UUID id, CreditClassification classification, String evidence, @Nullable UserId decidedBy) {
        jdbc.sql("""
                        insert into billing_credit_classifications (org_id, id, credit_id, belongs_to, payer_class, cause_code,
                            evidence, decided_by, decided_at)
                        values (:org, :row, :id, :belongsTo, :class, :cause, :evidence, :by, :now)
                        """)
                .param("org", organization())
                .param("row", Ids.next())
                .param("id", id)
                .param("belongsTo", classification.belongsTo().key())
                .param("class", classification.payerClass().key())
                .param("cause", classification.cause().key())
                .param("evidence", CardNumbers.removedFrom(evidence))
                .param("by", value(decidedBy), Types.OTHER)
                .param("now", now())
                .update();
        jdbc.sql("""
                        update billing_credit_balances set belongs_to = :belongsTo, payer_class = :class, cause_code = :cause,
                            classified_by = :by, classified_at = :at, changed_at = :now
                        where id = :id
                        """)
                .param("belongsTo", classification.belongsTo().key())
                .param("class", classification.payerClass().key())
                .param("cause", classification.cause().key())
                .param("by", value(decidedBy), Types.OTHER)
                .param("at", decidedBy == null ? null : now(), Types.TIMESTAMP)
                .param("now", now())
                .param("id", id)
                .update();
    }

    /** Oldest first. */
    List<Classified> classifications(UUID id) {
        return jdbc.sql("select * from billing_credit_classifications where credit_id = :id order by id")
                .param("id", id)
                .query((row, index) -> new Classified(
                        CreditClassification.ofKeys(
                                row.getString("belongs_to"), row.getString("payer_class"), row.getString("cause_code")),
                        row.getString("evidence"),
                        user(row, "decided_by"),
                        row.getTimestamp("decided_at").toInstant()))
                .list();
    }

    void identified(UUID id, LocalDate on) {
        jdbc.sql("update billing_credit_balances set identified_on = :on where id = :id")
                .param("on", on)
                .param("id", id)
                .update();
    }

    void openInvestigation(UUID id, LocalDate on, UserId by) {
        jdbc.sql("""
                        insert into billing_credit_investigations (org_id, id, credit_id, opened_on, opened_by)
                        values (:org, :row, :id, :on, :by)
                        """)
                .param("org", organization())
                .param("row", Ids.next())
                .param("id", id)
                .param("on", on)
                .param("by", by.value())
                .update();
    }

    /** @param by null: it ends with its case */
    void concludeInvestigation(UUID id, LocalDate on, @Nullable UserId by, String finding) {
        jdbc.sql("""
                        update billing_credit_investigations
                        set concluded_on = greatest(:on, opened_on), concluded_by = :by, finding = :finding
                        where credit_id = :id and concluded_on is null
                        """)
                .param("on", on)
                .param("by", value(by), Types.OTHER)
                .param("finding", CardNumbers.removedFrom(finding))
                .param("id", id)
                .update();
    }

    /** Oldest first. */
    List<CreditInvestigation> investigations(UUID id) {
        return jdbc.sql("select * from billing_credit_investigations where credit_id = :id order by id")
                .param("id", id)
                .query((row, index) -> new CreditInvestigation(
                        row.getObject("id", UUID.class),
                        row.getObject("opened_on", LocalDate.class),
                        new UserId(row.getObject("opened_by", UUID.class)),
                        row.getObject("concluded_on", LocalDate.class),
                        user(row, "concluded_by"),
                        row.getString("finding")))
                .list();
    }

    void addEvidence(UUID id, CreditEvidence evidence) {
        Money amount = evidence.amount();
        jdbc.sql("""
                        insert into billing_credit_evidence (org_id, id, credit_id, note, amount, currency, dated, remittance_id,
                            payment_id, journal_entry_id, recorded_by, recorded_at)
                        values (:org, :row, :id, :note, :amount, :currency, :dated, :remittance, :payment, :entry, :by, :at)
                        """)
                .param("org", organization())
                .param("row", evidence.id())
                .param("id", id)
                .param("note", CardNumbers.removedFrom(evidence.note()))
                .param("amount", amount == null ? null : amount.getAmountMinorLong(), Types.BIGINT)
                .param(
                        "currency",
                        amount == null ? null : amount.getCurrencyUnit().getCode(),
                        Types.CHAR)
                .param("dated", evidence.dated(), Types.DATE)
                .param("remittance", evidence.remittanceId(), Types.OTHER)
                .param("payment", evidence.paymentId(), Types.OTHER)
                .param("entry", evidence.journalEntryId(), Types.OTHER)
                .param("by", value(evidence.recordedBy()), Types.OTHER)
                .param("at", Timestamp.from(evidence.recordedAt()))
                .update();
    }

    /** Oldest first. */
    List<CreditEvidence> evidence(UUID id) {
        return jdbc.sql("select * from billing_credit_evidence where credit_id = :id order by id")
                .param("id", id)
                .query((row, index) -> new CreditEvidence(
                        row.getObject("id", UUID.class),
                        row.getString("note"),
                        row.getString("currency") == null
                                ? null
                                : Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                        row.getObject("dated", LocalDate.class),
                        row.getObject("remittance_id", UUID.class),
                        row.getObject("payment_id", UUID.class),
                        row.getObject("journal_entry_id", UUID.class),
                        user(row, "recorded_by"),
                        row.getTimestamp("recorded_at").toInstant()))
                .list();
    }

    CreditBalanceSettings settings() {
        return jdbc.sql("""
                        select patient_days, commercial_days, medicaid_days, remind_days_before, follow_up_days, transfers_allowed,
                               dormancy_years, letter_days_before
                        from billing_credit_settings where org_id = :org
                        """)
                .param("org", organization())
                .query(CreditBalanceSettings.class)
                .optional()
                .orElse(CreditBalanceSettings.DEFAULTS);
    }

    void saveSettings(CreditBalanceSettings settings) {
        jdbc.sql("""
                        insert into billing_credit_settings (org_id, patient_days, commercial_days, medicaid_days,
                            remind_days_before, follow_up_days, transfers_allowed, dormancy_years, letter_days_before, updated_at)
                        values (:org, :patient, :commercial, :medicaid, :remind, :followUp, :transfers, :years, :letter, :now)
                        on conflict (org_id) do update set patient_days = :patient, commercial_days = :commercial,
                            medicaid_days = :medicaid, remind_days_before = :remind, follow_up_days = :followUp,
                            transfers_allowed = :transfers, dormancy_years = :years, letter_days_before = :letter,
                            updated_at = :now
                        """)
                .param("org", organization())
                .param("patient", settings.patientDays())
                .param("commercial", settings.commercialDays())
                .param("medicaid", settings.medicaidDays())
                .param("remind", settings.remindDaysBefore())
                .param("followUp", settings.followUpDays())
                .param("transfers", settings.transfersAllowed())
                .param("years", settings.dormancyYears())
                .param("letter", settings.letterDaysBefore())
                .param("now", now())
                .update();
    }

    /** What a credit was taken for. */
    record Classified(
            CreditClassification classification,
            String evidence,
            @Nullable UserId decidedBy,
            Instant decidedAt) {}

    private void update(String change, UUID id, Object value, @Nullable Object other) {
        var statement = jdbc.sql("update billing_credit_balances set " + change + ", changed_at = :now where id = :id")
                .param("value", value)
                .param("now", now())
                .param("id", id);
        if (change.contains(":other")) {
            statement = statement.param("other", other, other instanceof String ? Types.VARCHAR : Types.OTHER);
        }
        statement.update();
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }

    private static List<Money> amounts(ResultSet row, String prefix, String currency) throws SQLException {
        Money[] amounts = new Money[AGES.size()];
        for (int i = 0; i < amounts.length; i++) {
            amounts[i] = Amounts.ofMinor(row.getLong(prefix + i), currency);
        }
        return Arrays.asList(amounts);
    }

    private static @Nullable BelongsTo belongsTo(ResultSet row) throws SQLException {
        String key = row.getString("belongs_to");
        return key == null ? null : BelongsTo.valueOf(key.toUpperCase(Locale.ROOT));
    }

    private static CreditBalance creditBalance(ResultSet row, int index) throws SQLException {
        String closing = row.getString("closing");
        return new CreditBalance(
                row.getObject("id", UUID.class),
                row.getObject("account_id", UUID.class),
                row.getObject("claim_id", UUID.class),
                row.getObject("payment_id", UUID.class),
                row.getObject("payer_id", UUID.class),
                Amounts.ofMinor(row.getLong("amount"), row.getString("currency")),
                row.getString("cause"),
                CreditBalance.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
                row.getObject("refund_due", LocalDate.class),
                row.getTimestamp("opened_at").toInstant(),
                instant(row, "resolved_at"),
                row.getString("resolution"),
                Owner.valueOf(row.getString("owner").toUpperCase(Locale.ROOT)),
                row.getString("step"),
                row.getString("belongs_to") == null
                        ? null
                        : CreditClassification.ofKeys(
                                row.getString("belongs_to"), row.getString("payer_class"), row.getString("cause_code")),
                user(row, "classified_by"),
                instant(row, "classified_at"),
                row.getObject("identified_on", LocalDate.class),
                row.getObject("reminded_for", LocalDate.class),
                row.getObject("escalated_for", LocalDate.class),
                row.getString("refusal"),
                closing == null ? null : Closing.valueOf(closing.toUpperCase(Locale.ROOT)),
                row.getObject("letter_asked_for", LocalDate.class),
                row.getObject("letter_sent_on", LocalDate.class),
                Amounts.ofMinor(row.getLong("taken"), row.getString("currency")),
                Amounts.ofMinor(row.getLong("announced"), row.getString("currency")));
    }

    private static @Nullable UUID value(@Nullable UserId user) {
        return user == null ? null : user.value();
    }

    private static @Nullable UserId user(ResultSet row, String column) throws SQLException {
        UUID id = row.getObject(column, UUID.class);
        return id == null ? null : new UserId(id);
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp timestamp = row.getTimestamp(column);
        return timestamp == null ? null : timestamp.toInstant();
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }
}
