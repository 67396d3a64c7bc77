package io.remitflow.remittance;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.refunds.RefundHolds;
import io.remitflow.remittance.TakebackMatching.Item;
import io.remitflow.remittance.TakebackMatching.Line;
import io.remitflow.remittance.TakebackMatching.Step;
import io.remitflow.remittance.TakebackMatching.StepKind;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Opens and settles the open items of a payer while one of its remittances is posted, in the same transaction. */
@Component
class TakebackPosting {

    /** What a payer takes back of a claim; a confirmed refund is the other side of it. */
    private static final Set<TakebackKind> RETURNED =
            Set.of(TakebackKind.RECOVERY, TakebackKind.FORWARD_BALANCE, TakebackKind.REFUND_CONFIRMED);

    private final JdbcClient jdbc;
    private final JdbcTemplate batches;
    private final Journal journal;
    private final RemittanceRows rows;
    private final CreditBalances credits;
    private final RefundHolds holds;
    private final Organizations organizations;

    TakebackPosting(
            JdbcClient jdbc,
            JdbcTemplate batches,
            Journal journal,
            RemittanceRows rows,
            CreditBalances credits,
            RefundHolds holds,
            Organizations organizations) {
        this.jdbc = jdbc;
        this.batches = batches;
        this.journal = journal;
        this.rows = rows;
        this.credits = credits;
        this.holds = holds;
        this.organizations = organizations;
    }

    /** Nobody else changes the open items of this payer until the transaction ends; call it before the journal is locked. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void lock(EraTransaction header) {
        rows.lock("takebacks", header.payerIdentifier());
    }

    /**
     * After the entry of the remittance. Adds an entry of its own only where that one left the account open: for a refund
     * confirmed and recovered at once, and where an item is settled under another reference than it was opened.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void settle(UUID remittanceId, EraTransaction header) {
        List<Line> lines = lines(remittanceId);
        if (lines.isEmpty()) {
            return;
        }
        LocalDate bookedOn = bookedOn(header);
        List<Known> known = openItems(header, lines);
        var matching = new TakebackMatching(
                header.payee().bestIdentifier(),
                known.stream().map(Known::item).collect(Collectors.toCollection(ArrayList::new)));
        matching.settle(lines);
        Map<UUID, String> payers =
                known.stream().collect(Collectors.toMap(each -> each.item().id, Known::payerIdentifier));
        List<Move> moves = moves(matching.steps(), lines, header, payers);
        UUID entry = bookMoves(moves, remittanceId, header, bookedOn);
        insert(matching.opened(), remittanceId, header, bookedOn);
        update(matching.steps(), bookedOn);
        Set<Step> moved = moves.stream().map(Move::step).collect(Collectors.toSet());
        insertSteps(matching.steps(), remittanceId, step -> moved.contains(step) ? entry : null, bookedOn);
        Map<Integer, Long> leftOpen = leftOpen(matching.steps());
        lines.forEach(line -> tellCredit(line, leftOpen.getOrDefault(line.position(), 0L) != 0, remittanceId, header));
        holdRefunds(lines, header);
    }

    /** What is still open of what each line opened; a line that only settles something else opens nothing. */
    private static Map<Integer, Long> leftOpen(List<Step> steps) {
        Map<Integer, Long> open = new HashMap<>();
        steps.forEach(step -> {
            if (step.kind() == StepKind.OPENED && step.position() != null) {
                open.put(step.position(), step.item().openMinor);
            }
        });
        return open;
    }

    /** Whoever works on a credit of the payer hears that the payer moves the money itself. */
    private void tellCredit(Line line, boolean opened, UUID remittanceId, EraTransaction header) {
        UUID claimId = line.claimId();
        boolean ourRefund = line.kind() == TakebackKind.REFUND_CONFIRMED;
        if (claimId != null && (ourRefund || line.kind() == TakebackKind.RECOVERY)) {
            credits.payerTookBack(
                    claimId,
                    payerOf(remittanceId, claimId),
                    Amounts.ofMinor(line.amountMinor(), header.currency()),
                    ourRefund
                            ? CreditBalances.Move.OUR_REFUND
                            : opened ? CreditBalances.Move.NEW : CreditBalances.Move.OLD,
                    remittanceId,
                    header.traceNumber());
        }
    }

    /** A payer of the remittance whom nobody knows is taken for the one that the claim was sent to. */
    private UUID payerOf(UUID remittanceId, UUID claimId) {
        return jdbc.sql("""
                        select coalesce(r.payer_id, c.payer_id) from billing_remittances r
                        join billing_claims c on c.org_id = r.org_id and c.id = :claim
                        where r.org_id = :org and r.id = :remittance
                        """)
                .param("org", organization())
                .param("claim", claimId)
                .param("remittance", remittanceId)
                .query(UUID.class)
                .single();
    }

    /** What the payer withholds for a claim must not leave as a refund of that claim as well. */
    private void holdRefunds(List<Line> lines, EraTransaction header) {
        Map<UUID, Long> withheld = new HashMap<>();
        for (Line line : lines) {
            if (line.claimId() != null && RETURNED.contains(line.kind())) {
                withheld.merge(line.claimId(), line.amountMinor(), Long::sum);
            }
        }
        withheld.forEach((claim, minor) -> {
            if (minor > 0) {
                holds.payerTakesBack(claim, Amounts.ofMinor(minor, header.currency()));
            }
        });
    }

    /** The trace number of a posted remittance that changed one of the same items later; it would have to go first. */
    @Transactional(propagation = Propagation.MANDATORY)
    public Optional<String> laterThan(UUID remittanceId) {
        return jdbc.sql("""
                        select r.trace_number from billing_takeback_steps mine
                        join billing_takeback_steps later on later.org_id = mine.org_id
                            and later.takeback_id = mine.takeback_id and later.id > mine.id
                            and later.remittance_id <> mine.remittance_id
                        join billing_remittances r on r.org_id = later.org_id and r.id = later.remittance_id
                        where mine.org_id = :org and mine.remittance_id = :remittance and r.state = 'posted'
                        order by later.id desc limit 1
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .query(String.class)
                .optional();
    }

    /** Whether a person booked away what this remittance left open. */
    @Transactional(propagation = Propagation.MANDATORY)
    public boolean resolvedByHand(UUID remittanceId) {
        return jdbc.sql("""
                        select exists (
                            select from billing_takeback_steps s
                            where s.org_id = :org and s.kind in ('resolved', 'reopened')
                              and s.takeback_id in (select takeback_id from billing_takeback_steps
                                                    where org_id = :org and remittance_id = :remittance)
                            group by s.takeback_id having sum(s.amount) <> 0)
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .query(Boolean.class)
                .single();
    }

    /** What the remittance did to open items is undone, after {@link #lock}; its entry is reversed by the caller. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void takeBack(UUID remittanceId, LocalDate date, String reason) {
        jdbc.sql("""
                        select distinct journal_entry_id from billing_takeback_steps
                        where org_id = :org and remittance_id = :remittance and journal_entry_id is not null
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .query(UUID.class)
                .list()
                .forEach(entry -> journal.reverse(entry, date, reason, "remittance-refunds-back:" + entry));
        List<Undone> items = undone(remittanceId);
        // Closed ones first: a forward balance may be open again only once the one after it is not.
        batches.batchUpdate(
                "update billing_takebacks set open_amount = ?, closed_on = ? where org_id = ? and id = ?",
                items.stream()
                        .sorted(Comparator.comparing(item -> item.openAfter() != 0))
                        .map(item -> new Object[] {
                            item.openAfter(),
                            item.openAfter() == 0 ? Date.valueOf(date) : null,
                            organization(),
                            item.takebackId()
                        })
                        .toList());
        batches.batchUpdate(
                """
                insert into billing_takeback_steps (org_id, id, takeback_id, remittance_id, kind, amount, open_after, booked_on)
                values (?, ?, ?, ?, 'reversed', ?, ?, ?)
                """,
                items.stream()
                        .map(item -> new Object[] {
                            organization(),
                            Ids.next(),
                            item.takebackId(),
                            remittanceId,
                            Math.negateExact(item.amount()),
                            item.openAfter(),
                            Date.valueOf(date)
                        })
                        .toList());
        claimsOfItems(items).forEach(credits::takingsChanged);
    }

    private List<UUID> claimsOfItems(List<Undone> items) {
        return jdbc.sql("""
                        select distinct claim_id from billing_takebacks
                        where org_id = :org and id = any (:items) and claim_id is not null and code = 'WO' order by claim_id
                        """)
                .param("org", organization())
                .param("items", items.stream().map(Undone::takebackId).toArray(UUID[]::new))
                .query(UUID.class)
                .list();
    }

    private List<Undone> undone(UUID remittanceId) {
        return jdbc.sql("""
                        select s.takeback_id, sum(s.amount) as amount, t.open_amount - sum(s.amount) as open_after
                        from billing_takeback_steps s
                        join billing_takebacks t on t.org_id = s.org_id and t.id = s.takeback_id
                        where s.org_id = :org and s.remittance_id = :remittance
                        group by s.takeback_id, t.open_amount having sum(s.amount) <> 0
                        order by s.takeback_id
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .query(Undone.class)
                .list();
    }

    private List<Line> lines(UUID remittanceId) {
        List<Adjustment> adjustments = jdbc
                .sql("""
                        select position, code, reference, amount
                        from billing_remittance_provider_adjustments
                        where org_id = :org and remittance_id = :remittance order by position
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .query(Adjustment.class)
                .list()
                .stream()
                .filter(adjustment -> TakebackKind.of(adjustment.code()).isPresent())
                .toList();
        Map<String, UUID> claims = claimsOf(adjustments);
        return adjustments.stream()
                .map(adjustment -> new Line(
                        adjustment.position(),
                        kind(adjustment.code()),
                        adjustment.code(),
                        adjustment.reference(),
                        claimOf(adjustment.reference(), claims),
                        adjustment.amount()))
                .toList();
    }

    /** A reference is one of our claim numbers or the payer's, sometimes both in one text. */
    private Map<String, UUID> claimsOf(List<Adjustment> adjustments) {
        Set<String> numbers = new HashSet<>();
        adjustments.forEach(adjustment -> numbers.addAll(numbers(adjustment.reference())));
        Map<String, UUID> claims = new HashMap<>();
        if (!numbers.isEmpty()) {
            jdbc.sql("""
                            select control_number as number, id from billing_claims
                            where org_id = :org and control_number = any (:numbers)
                            union all
                            select payer_claim_number, id from billing_claims
                            where org_id = :org and payer_claim_number = any (:numbers)
                            """)
                    .param("org", organization())
                    .param("numbers", numbers.toArray(String[]::new))
                    .query((row, number) ->
                            claims.putIfAbsent(row.getString("number"), row.getObject("id", UUID.class)))
                    .list();
        }
        return claims;
    }

    private static List<String> numbers(String reference) {
        List<String> numbers = new ArrayList<>();
        if (!reference.isBlank()) {
            numbers.add(reference);
            numbers.addAll(List.of(reference.strip().split("\\s+")));
        }
        return numbers;
    }

    private static @Nullable UUID claimOf(String reference, Map<String, UUID> claims) {
        return numbers(reference).stream()
                .filter(claims::containsKey)
                .map(claims::get)
                .findFirst()
                .orElse(null);
    }

    /** Of before {@link TraceKey#payer} too, which begin as the payer wrote itself, with its 1 or without. */
    private List<Known> openItems(EraTransaction header, List<Line> lines) {
        return jdbc.sql("""
                        select * from billing_takebacks
                        where org_id = :org and payer_identifier in (:payer, substr(:payer, 2)) and currency = :currency
                          and code = any (:codes) and open_amount <> 0
                        order by id
                        """)
                .param("org", organization())
                .param("payer", header.payerIdentifier())
                .param("currency", header.currency())
                .param("codes", lines.stream().map(Line::code).distinct().toArray(String[]::new))
                .query(TakebackPosting::item)
                .list();
    }

    private static Known item(ResultSet row, int number) throws SQLException {
        var opening = new Line(
                0,
                kind(row.getString("code")),
                row.getString("code"),
                row.getString("reference"),
                row.getObject("claim_id", UUID.class),
                row.getLong("opened_amount"));
        return new Known(
                Item.known(
                        row.getObject("id", UUID.class),
                        opening,
                        row.getString("payee_identifier"),
                        row.getLong("open_amount")),
                row.getString("payer_identifier"));
    }

    private static TakebackKind kind(String code) {
        return TakebackKind.of(code).orElseThrow();
    }

    /**
     * The entry of the remittance keeps each adjustment under its own reference, and a pair on two accounts. What such a
     * step settles moves to where the item stands, so that both are zero for it.
     */
    private static List<Move> moves(
            List<Step> steps, List<Line> lines, EraTransaction header, Map<UUID, String> payers) {
        Map<Integer, String> references = new HashMap<>();
        lines.forEach(line -> references.put(line.position(), line.reference()));
        List<Move> moves = new ArrayList<>();
        for (Step step : steps) {
            Item item = step.item();
            var there = clearing(item, item.reference, payers.getOrDefault(item.id, header.payerIdentifier()));
            if (step.position() == null) {
                var other = Objects.requireNonNull(step.other());
                if (step.kind() == StepKind.PAIRED
                        || !Objects.equals(
                                there,
                                clearing(
                                        other,
                                        other.reference,
                                        payers.getOrDefault(other.id, header.payerIdentifier())))) {
                    moves.add(new Move(step, step.amountMinor(), there));
                }
                continue;
            }
            var here = clearing(item, references.getOrDefault(step.position(), ""), header.payerIdentifier());
            if (!Objects.equals(here, there)) {
                moves.add(new Move(step, step.amountMinor(), there));
                moves.add(new Move(step, Math.negateExact(step.amountMinor()), here));
            }
        }
        return moves;
    }

    private static @Nullable ClearingReference clearing(Item item, String reference, String payerIdentifier) {
        return ProviderAdjustmentAccounts.clearing(item.kind.account(), payerIdentifier, reference);
    }

    private @Nullable UUID bookMoves(List<Move> moves, UUID remittanceId, EraTransaction header, LocalDate bookedOn) {
        if (moves.isEmpty()) {
            return null;
        }
        NewEntry.Builder entry = NewEntry.on(
                        bookedOn,
                        "remittance",
                        "remittance-refunds:" + remittanceId,
                        "Settled with the payer under another reference or account")
                .inOpenPeriod()
                .reference("remittance", remittanceId);
        for (Move move : moves) {
            Item item = move.step().item();
            entry.move(item.kind.account(), Amounts.ofMinor(move.amountMinor(), header.currency()), move.clearing())
                    .lineAbout(item.kind.title(), "takeback", item.id);
        }
        return journal.post(entry.build()).id();
    }

    private void insert(List<Item> opened, UUID remittanceId, EraTransaction header, LocalDate bookedOn) {
        List<Object[]> parameters = new ArrayList<>();
        for (Item item : opened) {
            parameters.add(new Object[] {
                organization(),
                item.id,
                item.code,
                item.kind.account().code(),
                header.payerIdentifier(),
                header.payer().name(),
                item.payee,
                item.reference,
                item.claimId,
                header.currency(),
                item.openedMinor,
                // Open as of the update that follows, which closes an earlier forward balance before.
                0L,
                Date.valueOf(bookedOn),
                Date.valueOf(bookedOn),
                remittanceId,
                item.problem == null ? null : item.problem.column(),
                organization(),
                remittanceId
            });
        }
        batches.batchUpdate("""
                insert into billing_takebacks (org_id, id, code, account_code, payer_identifier, payer_name, payee_identifier,
                    reference, claim_id, currency, opened_amount, open_amount, opened_on, closed_on, opened_by, problem, payer_id)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                    (select payer_id from billing_remittances where org_id = ? and id = ?))
                """, parameters);
    }

    /** Closed ones first: a new forward balance may be open only once the one before it is not. */
    private void update(List<Step> steps, LocalDate bookedOn) {
        List<Object[]> parameters = steps.stream()
                .map(Step::item)
                .distinct()
                .sorted(Comparator.comparing(item -> item.openMinor != 0))
                .map(item -> new Object[] {
                    item.openMinor, item.openMinor == 0 ? Date.valueOf(bookedOn) : null, organization(), item.id
                })
                .toList();
        batches.batchUpdate(
                "update billing_takebacks set open_amount = ?, closed_on = ? where org_id = ? and id = ?", parameters);
    }

    private void insertSteps(
            List<Step> steps, UUID remittanceId, Function<Step, @Nullable UUID> entryOf, LocalDate bookedOn) {
        List<Object[]> parameters = new ArrayList<>();
        for (Step step : steps) {
            Item other = step.other();
            parameters.add(new Object[] {
                organization(),
                Ids.next(),
                step.item().id,
                remittanceId,
                step.position(),
                step.kind().name().toLowerCase(Locale.ROOT),
                step.amountMinor(),
                step.openAfter(),
                other == null ? null : other.id,
                entryOf.apply(step),
                Date.valueOf(bookedOn)
            });
        }
        batches.batchUpdate("""
                insert into billing_takeback_steps (org_id, id, takeback_id, remittance_id, line_position, kind, amount,
                    open_after, other_id, journal_entry_id, booked_on)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, parameters);
    }

    private LocalDate bookedOn(EraTransaction header) {
        LocalDate today = organizations.today();
        LocalDate paid = header.paymentDate();
        return paid == null || paid.isAfter(today) ? today : paid;
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }

    /** @param payerIdentifier under which the ledger has it */
    record Known(Item item, String payerIdentifier) {}

    record Undone(UUID takebackId, long amount, long openAfter) {}

    /** @param clearing under which the account has it afterwards; null if the reference is blank */
    private record Move(
            Step step, long amountMinor, @Nullable ClearingReference clearing) {}

    record Adjustment(int position, String code, String reference, long amount) {}
}
