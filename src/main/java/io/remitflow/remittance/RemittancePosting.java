package io.remitflow.remittance;

import static io.remitflow.ledger.StandardAccount.*;

import io.remitflow.claims.ClaimAnswer;
import io.remitflow.claims.ClaimOutcome;
import io.remitflow.claims.Claims;
import io.remitflow.claims.Crossovers;
import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.refunds.RefundHolds;
import io.remitflow.remittance.RemittanceRows.Sums;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Puts one recorded remittance into the books: one journal entry, and the transactions of the patient accounts behind it.
 *
 * <p>Reads the claims back from their rows page by page, so memory does not grow with the remittance.
 */
@Component
class RemittancePosting {

    private static final int PAGE = 2_000;

    private static final String PAID_TWICE = "The payer may have paid this claim twice";
    private static final String PAID_TOO_MUCH = "Payers paid more than was charged";

    /** Above this many, suspense gets one line for all of them under the trace number. */
    private static final int SUSPENSE_LINES = 1_000;

    private final JdbcClient jdbc;
    private final Journal journal;
    private final PatientAccounts accounts;
    private final Claims claims;
    private final CreditBalances creditBalances;
    private final RefundHolds holds;
    private final Crossovers crossovers;
    private final RemittanceDenials denials;
    private final Organizations organizations;

    RemittancePosting(
            JdbcClient jdbc,
            Journal journal,
            PatientAccounts accounts,
            Claims claims,
            CreditBalances creditBalances,
            RefundHolds holds,
            Crossovers crossovers,
            RemittanceDenials denials,
            Organizations organizations) {
        this.jdbc = jdbc;
        this.journal = journal;
        this.accounts = accounts;
        this.claims = claims;
        this.creditBalances = creditBalances;
        this.holds = holds;
        this.crossovers = crossovers;
        this.denials = denials;
        this.organizations = organizations;
    }

    /** Until the transaction ends, nobody else posts to the accounts of its claims; call it before {@link #post}. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void lockAccounts(UUID remittanceId) {
        holds.lock(claimsOf(PostedPart.all(remittanceId)));
        accounts.lock(accountsOf(remittanceId));
    }

    /** As {@link #lockAccounts(UUID)} for one claim of ours. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void lockAccount(UUID claimId, UUID accountId) {
        holds.lock(List.of(claimId));
        accounts.lock(List.of(accountId));
    }

    /** @return the journal entry, null if no money and no responsibility moved */
    @Transactional(propagation = Propagation.MANDATORY)
    public @Nullable UUID post(UUID remittanceId, EraTransaction header, String contentHash, Sums sums) {
        LocalDate date = bookingDate(header);
        NewEntry.Builder entry = NewEntry.on(date, "remittance", sourceKey(contentHash), description(header))
                .inOpenPeriod()
                .reference("remittance", remittanceId)
                .referenceNumber(shortened(header.traceNumber(), 100));
        UUID entryId = addLines(entry, remittanceId, header, sums) == 0
                ? null
                : journal.post(entry.build()).id();
        post(PostedPart.all(remittanceId), header.currency(), date, date, entryId);
        return entryId;
    }

    /**
     * Posts what was held of a posted remittance as it would have been posted with it, but today, and moves its money out
     * of suspense.
     *
     * @param part marked as posted a moment ago
     * @return the journal entry, null if no money and no responsibility moved
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public @Nullable UUID release(PostedPart part, Released released, Sums sums) {
        LocalDate today = organizations.today();
        NewEntry.Builder entry = NewEntry.on(
                        today,
                        "remittance",
                        "remittance-release:" + part.rows().getFirst(),
                        shortened("Held claim of remittance " + released.traceNumber(), 500))
                .inOpenPeriod()
                .reference("remittance", part.remittanceId())
                .referenceNumber(shortened(released.traceNumber(), 100));
        var lines = new Lines(entry, released.currency());
        addReceivables(lines, sums);
        ClearingReference trace = TraceKey.reference(released.payerIdentifier(), released.traceNumber());
        boolean together = claimsOnceInSuspense(part) > SUSPENSE_LINES;
        released(part)
                .forEach(claim -> lines.debit(
                        REMITTANCE_SUSPENSE,
                        claim.paidMinor(),
                        together ? trace : claim.clearing(),
                        "Claim " + claim.controlNumber()));
        UUID entryId = lines.count == 0 ? null : journal.post(entry.build()).id();
        LocalDate paid = released.paymentDate();
        LocalDate answeredOn = paid == null || paid.isAfter(today) ? today : paid;
        post(part, released.currency(), today, answeredOn, entryId);
        return entryId;
    }

    /** What of a remittance matters to claims that are posted after it. */
    record Released(
            String traceNumber,
            String payerIdentifier,
            String currency,
            @Nullable LocalDate paymentDate) {}

    /** @param date of the books; {@code answeredOn} is that of the payer */
    private void post(PostedPart part, String currency, LocalDate date, LocalDate answeredOn, @Nullable UUID entryId) {
        for (int after = 0, count = PAGE; count == PAGE; ) {
            List<PostedClaim> page = postedClaims(part, after);
            post(page, new Booking(part.remittanceId(), currency, date, answeredOn, entryId));
            count = page.size();
            after = page.isEmpty() ? after : page.getLast().position();
        }
        denials.tell(part, answeredOn, currency);
        settleCredits(part, currency);
        forwardedClaims(part)
                .forEach(claim -> crossovers.forwarded(
                        claim.claimId(),
                        claim.forwardedTo(),
                        answeredOn,
                        "remittance:%s:%d".formatted(part.remittanceId(), claim.position())));
    }

    /** Opens, updates and closes the credit cases of its claims, as they are now, and holds refunds whose credit is gone. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void settleCredits(PostedPart part, String currency) {
        List<ClaimCredit> credits = credits(part);
        credits.stream()
                .filter(ClaimCredit::ofPatient)
                .forEach(claim -> creditBalances.claimSettled(claim.accountId(), claim.claimId()));
        credits.stream()
                .filter(ClaimCredit::ofPayer)
                .sorted(Comparator.comparingLong(ClaimCredit::turn))
                .forEach(claim -> creditBalances.payerCredit(
                        claim.accountId(),
                        claim.claimId(),
                        claim.payerId(),
                        Amounts.ofMinor(claim.payerMinor(), currency),
                        claim.paidTwice() ? PAID_TWICE : PAID_TOO_MUCH,
                        claim.paidTwice()));
        holds.claimsChanged(claimsOf(part));
    }

    /** A content that was taken back before is posted under another key than then. */
    private String sourceKey(String contentHash) {
        long takenBack = jdbc.sql(
                        "select count(*) from billing_remittances where org_id = :org and content_hash = :hash"
                                + " and state = 'reversed'")
                .param("org", organization())
                .param("hash", contentHash)
                .query(Long.class)
                .single();
        return "remittance:" + contentHash + (takenBack == 0 ? "" : ":" + (takenBack + 1));
    }

    private int addLines(NewEntry.Builder entry, UUID remittanceId, EraTransaction header, Sums sums) {
        var lines = new Lines(entry, header.currency());
        ClearingReference trace = trace(header);
        lines.debit(REMITTANCE_CLEARING, header.paidMinor(), trace, "Payment " + header.traceNumber());
        for (ProviderLine adjustment : providerAdjustments(remittanceId)) {
            lines.debit(adjustment.account(), adjustment.amountMinor(), adjustment.clearing(header), adjustment.text());
        }
        addReceivables(lines, sums);
        addSuspense(lines, remittanceId, trace, sums);
        return lines.count;
    }

    private static void addReceivables(Lines lines, Sums sums) {
        lines.debit(CONTRACTUAL_ADJUSTMENTS, sums.writtenOffMinor(), null, "Contractual adjustments");
        lines.debit(CONTRACTUAL_ADJUSTMENTS, sums.writtenBackMinor(), null, "Contractual adjustments taken back");
        lines.credit(AR_INSURANCE, sums.creditedMinor(), "Paid and written off");
        lines.credit(AR_INSURANCE, sums.debitedMinor(), "Payments and write-offs taken back");
        lines.debit(AR_PATIENTS, sums.movedToPatientsMinor(), null, "Patient responsibility");
        lines.credit(AR_INSURANCE, sums.movedToPatientsMinor(), "Patient responsibility");
        lines.debit(AR_PATIENTS, sums.movedFromPatientsMinor(), null, "Patient responsibility taken back");
        lines.credit(AR_INSURANCE, sums.movedFromPatientsMinor(), "Patient responsibility taken back");
    }

    private void addSuspense(Lines lines, UUID remittanceId, ClearingReference trace, Sums sums) {
        if (sums.suspenseClaims() > SUSPENSE_LINES) {
            lines.credit(
                    REMITTANCE_SUSPENSE,
                    sums.suspenseMinor(),
                    trace,
                    "%,d claims without an account".formatted(sums.suspenseClaims()));
            return;
        }
        suspenseClaims(remittanceId)
                .forEach(claim -> lines.credit(
                        REMITTANCE_SUSPENSE, claim.paidMinor(), claim.clearing(), "Claim " + claim.controlNumber()));
    }

    private void post(List<PostedClaim> page, Booking booking) {
        List<AccountPosting> postings = new ArrayList<>();
        List<ClaimAnswer> answers = new ArrayList<>();
        for (PostedClaim claim : page) {
            var posting = new ClaimPostings(claim, booking, postings);
            add(posting, claim);
            answers.add(new ClaimAnswer(claim.claimId(), outcome(posting, claim, booking)));
        }
        accounts.record(postings);
        claims.applyRemittance(answers);
    }

    private static void add(ClaimPostings posting, PostedClaim claim) {
        posting.record(
                TransactionType.PAYMENT,
                Responsibility.INSURANCE,
                Math.negateExact(claim.paidMinor()),
                "payment",
                claim.reversal() ? "Insurance payment taken back" : "Insurance payment");
        posting.record(
                TransactionType.ADJUSTMENT,
                Responsibility.INSURANCE,
                Math.negateExact(claim.contractualMinor()),
                "contractual",
                claim.reversal() ? "Contractual adjustment taken back" : "Contractual adjustment");
        posting.record(
                TransactionType.TRANSFER,
                Responsibility.INSURANCE,
                Math.negateExact(claim.patientMinor()),
                "patient-from",
                claim.reversal() ? "Patient responsibility taken back" : "Patient responsibility");
        posting.record(
                TransactionType.TRANSFER,
                Responsibility.PATIENT,
                claim.patientMinor(),
                "patient-to",
                claim.reversal() ? "Patient responsibility taken back" : "Patient responsibility");
    }

    private static ClaimOutcome outcome(ClaimPostings posting, PostedClaim claim, Booking booking) {
        return new ClaimOutcome(
                claim.kind(),
                booking.answeredOn(),
                booking.money(claim.paidMinor()),
                booking.money(claim.contractualMinor()),
                booking.money(claim.patientMinor()),
                claim.statusCode(),
                claim.payerClaimNumber().isEmpty() ? null : claim.payerClaimNumber(),
                posting.key("outcome"));
    }

    /** The day of the payment, unless the notice came before the money. */
    private LocalDate bookingDate(EraTransaction header) {
        LocalDate today = organizations.today();
        LocalDate paid = header.paymentDate();
        return paid == null || paid.isAfter(today) ? today : paid;
    }

    private List<UUID> accountsOf(UUID remittanceId) {
        return jdbc.sql("""
                        select distinct account_id from billing_remittance_claims
                        where org_id = :org and remittance_id = :remittance and treatment = 'posted'
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .query(UUID.class)
                .list();
    }

    private List<UUID> claimsOf(PostedPart part) {
        return part.bind(jdbc.sql(
                        "select distinct c.claim_id from billing_remittance_claims c where " + part.posted("c")))
                .query(UUID.class)
                .list();
    }

    private List<PostedClaim> postedClaims(PostedPart part, int after) {
        return part.bind(jdbc.sql("""
                        select c.*, b.payer_id from billing_remittance_claims c
                        join billing_claims b on b.org_id = c.org_id and b.id = c.claim_id
                        where %s and c.position > :after
                        order by c.position limit :limit
                        """.formatted(part.posted("c"))))
                .param("after", after)
                .param("limit", PAGE)
                .query(RemittancePosting::postedClaim)
                .list();
    }

    /** Those of its claims whose patient or payer has a credit now, or had one before: its case follows it. */
    private List<ClaimCredit> credits(PostedPart part) {
        return part.bind(jdbc.sql("""
                        with claims as (
                            select c.claim_id, c.account_id, bool_or(c.repeated_amount > 0) as paid_twice
                            from billing_remittance_claims c
                            where %s
                            group by c.claim_id, c.account_id),
                        balances as (
                            select c.claim_id, c.account_id, c.paid_twice,
                                   sum(t.amount) filter (where t.responsibility = 'insurance') as insurance,
                                   sum(t.amount) filter (where t.responsibility = 'patient') as patient,
                                   (select d.amount from billing_paid_twice d
                                    where d.org_id = :org and d.claim_id = c.claim_id) as twice
                            from claims c
                            left join billing_patient_transactions t on t.org_id = :org and t.claim_id = c.claim_id
                            group by c.claim_id, c.account_id, c.paid_twice),
                        credits as (
                            select b.*,
                                   coalesce(b.patient < 0, false)
                                       or exists (select from billing_credit_balances x where x.org_id = :org
                                                  and x.claim_id = b.claim_id and x.state <> 'resolved') as of_patient,
                                   b.insurance is not null and (b.insurance < 0 or coalesce(b.twice, 0) > 0
                                       or exists (select from billing_credit_balances x where x.org_id = :org
                                                  and x.claim_id = b.claim_id and x.owner = 'payer'
                                                  and x.state <> 'resolved')) as of_payer
                            from balances b)
                        select b.account_id, b.claim_id, coalesce(r.payer_id, k.payer_id) as payer_id, b.of_patient, b.of_payer,
                               greatest(-b.insurance, b.twice, 0) as payer_minor, b.paid_twice,
                               row_number() over (order by b.claim_id) as turn
                        from credits b
                        join billing_claims k on k.org_id = :org and k.id = b.claim_id
                        join billing_remittances r on r.org_id = :org and r.id = :remittance
                        where b.of_patient or b.of_payer
                        order by b.account_id, b.claim_id
                        """.formatted(part.posted("c"))))
                .query(ClaimCredit.class)
                .list();
    }

    private List<ForwardedClaim> forwardedClaims(PostedPart part) {
        return part.bind(jdbc.sql("""
                        select c.claim_id, c.position, c.forwarded_to from billing_remittance_claims c
                        where %s and c.forwarded
                          and (c.treatment = 'posted' or c.status_code = '23') and c.claim_id is not null
                        order by c.position
                        """.formatted(part.where("c"))))
                .query(ForwardedClaim.class)
                .list();
    }

    private List<SuspenseClaim> suspenseClaims(UUID remittanceId) {
        return jdbc.sql("""
                        select claim_control_number as control_number, payer_claim_number, sum(paid_amount) as paid_minor
                        from billing_remittance_claims
                        where org_id = :org and remittance_id = :remittance and treatment in ('held', 'unidentified')
                        group by claim_control_number, payer_claim_number order by min(position)
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .query(SuspenseClaim.class)
                .list();
    }

    private List<SuspenseClaim> released(PostedPart part) {
        return part.bind(jdbc.sql("""
                        select c.claim_control_number as control_number, c.payer_claim_number, sum(c.paid_amount) as paid_minor
                        from billing_remittance_claims c where %s
                        group by c.claim_control_number, c.payer_claim_number order by min(c.position)
                        """.formatted(part.posted("c"))))
                .query(SuspenseClaim.class)
                .list();
    }

    /**
     * How many put money into suspense when the remittance was posted: that says under which reference.
     *
     * @param leaving marked as posted a moment ago, not yet as released
     */
    private int claimsOnceInSuspense(PostedPart leaving) {
        return leaving.bind(jdbc.sql("""
                        select count(*) from billing_remittance_claims c
                        where c.org_id = :org and c.remittance_id = :remittance and c.paid_amount <> 0
                          and (c.treatment in ('held', 'unidentified') or c.released_at is not null or %s)
                        """.formatted(leaving.where("c"))))
                .query(Integer.class)
                .single();
    }

    private List<ProviderLine> providerAdjustments(UUID remittanceId) {
        return jdbc.sql("""
                        select code, reference, sum(amount) as amount_minor from billing_remittance_provider_adjustments
                        where org_id = :org and remittance_id = :remittance
                        group by code, reference, amount > 0 order by min(position)
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .query(ProviderLine.class)
                .list();
    }

    private static PostedClaim postedClaim(ResultSet row, int number) throws SQLException {
        return new PostedClaim(
                row.getInt("position"),
                row.getObject("claim_id", UUID.class),
                row.getObject("account_id", UUID.class),
                row.getObject("payer_id", UUID.class),
                row.getString("status_code"),
                row.getString("payer_claim_number"),
                row.getBoolean("denied"),
                row.getLong("paid_amount"),
                row.getLong("contractual_amount"),
                row.getLong("patient_amount"));
    }

    private static ClearingReference trace(EraTransaction header) {
        return TraceKey.reference(header.payerIdentifier(), header.traceNumber());
    }

    private static String description(EraTransaction header) {
        return shortened(
                "Remittance %s from %s"
                        .formatted(header.traceNumber(), header.payer().name()),
                500);
    }

    private static String shortened(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length);
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }

    /**
     * @param ofPatient whether the case of the patient has to follow
     * @param ofPayer whether the case of the payer has to follow
     * @param turn of the payers' cases, in the order of the claims
     */
    record ClaimCredit(
            UUID accountId,
            UUID claimId,
            UUID payerId,
            boolean ofPatient,
            boolean ofPayer,
            long payerMinor,
            boolean paidTwice,
            long turn) {}

    record ForwardedClaim(
            UUID claimId, int position, @Nullable String forwardedTo) {}

    record SuspenseClaim(String controlNumber, String payerClaimNumber, long paidMinor) {

        ClearingReference clearing() {
            return new ClearingReference(
                    "claim", shortened(controlNumber + "/" + payerClaimNumber, ClearingReference.MAX_LENGTH));
        }
    }

    record ProviderLine(String code, String reference, long amountMinor) {

        StandardAccount account() {
            return ProviderAdjustmentAccounts.of(code);
        }

        /** A balance that another remittance closes is kept under the payer's own reference. */
        @Nullable ClearingReference clearing(EraTransaction header) {
            return reference.isBlank() || !ProviderAdjustmentAccounts.staysOpen(account())
                    ? null
                    : new ClearingReference(
                            "plb", shortened(header.payerIdentifier() + "/" + reference, ClearingReference.MAX_LENGTH));
        }

        String text() {
            return reference.isBlank()
                    ? "Provider adjustment " + code
                    : "Provider adjustment %s, reference %s".formatted(code, shortened(reference, 200));
        }
    }

    private record PostedClaim(
            int position,
            UUID claimId,
            UUID accountId,
            UUID payerId,
            String statusCode,
            String payerClaimNumber,
            boolean denied,
            long paidMinor,
            long contractualMinor,
            long patientMinor) {

        boolean reversal() {
            return statusCode.equals("22");
        }

        ClaimOutcome.Kind kind() {
            if (reversal()) {
                return ClaimOutcome.Kind.REVERSED;
            }
            return denied && paidMinor == 0 ? ClaimOutcome.Kind.DENIED : ClaimOutcome.Kind.PAID;
        }
    }

    /** @param answeredOn by the payer's date; {@code date} is that of the books */
    private record Booking(
            UUID remittanceId,
            String currency,
            LocalDate date,
            LocalDate answeredOn,
            @Nullable UUID entryId) {

        Money money(long minor) {
            return Amounts.ofMinor(minor, currency);
        }
    }

    /** The account transactions of one claim. */
    private static final class ClaimPostings {

        private final PostedClaim claim;
        private final Booking booking;
        private final List<AccountPosting> postings;

        private ClaimPostings(PostedClaim claim, Booking booking, List<AccountPosting> postings) {
            this.claim = claim;
            this.booking = booking;
            this.postings = postings;
        }

        void record(
                TransactionType type, Responsibility responsibility, long amountMinor, String key, String description) {
            if (amountMinor != 0) {
                postings.add(new AccountPosting(
                        claim.accountId(),
                        booking.date(),
                        type,
                        responsibility,
                        booking.money(amountMinor),
                        claim.claimId(),
                        null,
                        claim.payerId(),
                        booking.entryId(),
                        description,
                        key(key)));
            }
        }

        String key(String part) {
            return "remittance:" + booking.remittanceId() + ":" + claim.position() + ":" + part;
        }
    }

    /** Lines of the entry; a negative amount stands on the other side, zero is no line. */
    private static final class Lines {

        private final NewEntry.Builder entry;
        private final String currency;
        private int count;

        private Lines(NewEntry.Builder entry, String currency) {
            this.entry = entry;
            this.currency = currency;
        }

        void debit(StandardAccount account, long amountMinor, @Nullable ClearingReference clearing, String text) {
            if (amountMinor != 0) {
                entry.move(account, Amounts.ofMinor(amountMinor, currency), clearing)
                        .lineAbout(text, null, null);
                count++;
            }
        }

        void credit(StandardAccount account, long amountMinor, String text) {
            credit(account, amountMinor, null, text);
        }

        void credit(StandardAccount account, long amountMinor, @Nullable ClearingReference clearing, String text) {
            debit(account, Math.negateExact(amountMinor), clearing, text);
        }
    }
}
