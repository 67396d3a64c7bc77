package io.remitflow.bank;

import static java.time.temporal.ChronoUnit.DAYS;

import io.remitflow.bank.match.Item;
import io.remitflow.checks.ReturnedItems;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.ledger.Account;
import io.remitflow.ledger.ChartOfAccounts;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.JournalEntry;
import io.remitflow.ledger.OpenReference;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.payments.GatewayTraces;
import io.remitflow.payments.UndepositedReceipt;
import io.remitflow.refunds.AchAdvices;
import io.remitflow.remittance.Settlement;
import io.remitflow.remittance.SettlementFilter;
import io.remitflow.remittance.Settlements;
import java.sql.Types;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What of ours waits for money at the bank: settlements of payers, and references in clearing. */
@Component
class OpenRecords {

    /** Settlements that are looked at together. A run looks at the newest ones, and in turn at as many of the older ones. */
    private static final int MAX_SETTLEMENTS = 1_000;

    static final String SETTLEMENT = "settlement";
    static final String REFERENCE = "reference";
    static final String ACCOUNT = "account";
    static final String ENTRY = "entry";
    static final String RETURNED_CHECK = "returned-check";

    private static final int MIN_PARTY = 4;

    /** An ACH credit is booked on its effective day or, over a weekend and a holiday, a few later. */
    private static final int ADVICE_DAYS = 4;

    /** Banks cut names off; from so many letters on it is taken for the beginning of one. */
    private static final int SHORTEST_CUT = 8;

    private static final Set<String> ACCOUNTS = Set.of(
            StandardAccount.CARD_CLEARING.code(),
            StandardAccount.UNDEPOSITED_CHECKS.code(),
            StandardAccount.OUTGOING_PAYMENTS_CLEARING.code());

    private final Settlements settlements;
    private final Clearing clearing;
    private final ChartOfAccounts chart;
    private final GatewayTraces gateways;
    private final AchAdvices advices;
    private final Journal journal;
    private final ReturnedItems returns;
    private final JdbcClient jdbc;
    private final Map<UUID, UUID> olderAfter = new ConcurrentHashMap<>();

    OpenRecords(
            Settlements settlements,
            Clearing clearing,
            ChartOfAccounts chart,
            GatewayTraces gateways,
            AchAdvices advices,
            Journal journal,
            ReturnedItems returns,
            JdbcClient jdbc) {
        this.settlements = settlements;
        this.clearing = clearing;
        this.chart = chart;
        this.gateways = gateways;
        this.advices = advices;
        this.journal = journal;
        this.returns = returns;
        this.jdbc = jdbc;
    }

    /**
     * What waits, by the id the matcher knows it by.
     *
     * @param parties names of payers that may stand in the text of a line
     */
    record Open(Map<String, BankMatch.Record> records, List<Item> items, Set<String> parties) {}

    /**
     * Lines as the matcher sees them. One without a trace number has those that the bank told in a file of ACH addenda for
     * payments of its amount and days.
     */
    List<Item> items(List<BankLine> lines, Open open) {
        if (lines.isEmpty()) {
            return List.of();
        }
        LocalDate first =
                lines.stream().map(BankLine::bookedOn).min(LocalDate::compareTo).orElseThrow();
        LocalDate last =
                lines.stream().map(BankLine::bookedOn).max(LocalDate::compareTo).orElseThrow();
        Map<Long, List<AchAdvices.Advice>> told =
                advices.between(first.minusDays(ADVICE_DAYS), last.plusDays(ADVICE_DAYS)).stream()
                        .collect(Collectors.groupingBy(AchAdvices.Advice::amountMinor));
        return lines.stream()
                .map(line -> item(
                        line,
                        open.parties(),
                        line.traceNumber().isEmpty() ? told.getOrDefault(minor(line.amount()), List.of()) : List.of()))
                .toList();
    }

    Open all() {
        Map<String, BankMatch.Record> records = new LinkedHashMap<>();
        List<Item> items = new ArrayList<>();
        Map<String, Set<String>> otherNames = settlements.otherPayerNames();
        for (Settlement settlement : waitingSettlements()) {
            var record = record(settlement);
            records.put(id(record), record);
            items.add(new Item(
                    id(record),
                    minor(record.amount()),
                    record.date(),
                    keys(settlement.traceNumber()),
                    Stream.concat(
                                    Stream.of(settlement.payerName()),
                                    otherNames.getOrDefault(settlement.payerIdentifier(), Set.of()).stream())
                            .flatMap(name -> parties(name).stream())
                            .collect(Collectors.toSet())));
        }
        List<OpenReference> references = clearing.open().stream()
                .filter(reference -> ACCOUNTS.contains(reference.accountCode()))
                .toList();
        Map<ClearingReference, GatewayTraces.Trace> traces =
                gateways.of(references.stream().map(OpenReference::reference).toList());
        for (OpenReference reference : references) {
            var record = record(reference);
            GatewayTraces.Trace trace = traces.get(reference.reference());
            records.put(id(record), record);
            items.add(new Item(
                    id(record),
                    minor(record.amount()),
                    trace == null ? record.date() : trace.expectedOn(),
                    Stream.concat(
                                    Stream.of(reference.reference().value()),
                                    trace == null ? Stream.of() : trace.numbers().stream())
                            .flatMap(number -> keys(number).stream())
                            .collect(Collectors.toSet()),
                    trace == null ? Set.of() : parties(trace.party())));
        }
        Set<String> parties =
                items.stream().flatMap(item -> item.parties().stream()).collect(Collectors.toSet());
        return new Open(records, items, parties);
    }

    /**
     * @param known names of payers that may stand in the text of the line, whole or as the bank cut them off
     * @param told of payments of this amount
     */
    private static Item item(BankLine line, Set<String> known, List<AchAdvices.Advice> told) {
        String text = " " + plain(line.counterparty() + " " + line.description()) + " ";
        String counterparty = plain(line.counterparty());
        Set<String> keys = Stream.of(
                        Stream.of(line.bankReference(), line.reference(), line.checkNumber(), line.traceNumber()),
                        Stream.of(line.description().split("[\\s,;:*/|]+"))
                                .filter(word -> word.chars().anyMatch(Character::isDigit)),
                        told.stream()
                                .filter(advice ->
                                        Math.abs(DAYS.between(advice.effectiveOn(), line.bookedOn())) <= ADVICE_DAYS)
                                .map(AchAdvices.Advice::traceNumber))
                .flatMap(Function.identity())
                .flatMap(word -> keys(word).stream())
                .collect(Collectors.toSet());
        return new Item(
                line.id().toString(),
                minor(line.amount()),
                line.bookedOn(),
                keys,
                known.stream()
                        .filter(name -> text.contains(" " + name + " ")
                                || counterparty.length() >= SHORTEST_CUT && name.startsWith(counterparty))
                        .collect(Collectors.toSet()));
    }

    /** As it stands now, for a check before booking. */
    BankMatch.Record current(String kind, UUID id) {
        return switch (kind) {
            case SETTLEMENT -> record(settlements.get(id));
            case REFERENCE ->
                clearing.find(id)
                        .filter(reference -> ACCOUNTS.contains(reference.accountCode()))
                        .map(OpenRecords::record)
                        .orElseThrow(() -> RuleViolation.notFound("the clearing reference"));
            default -> throw RuleViolation.notFound("the record");
        };
    }

    /** As a match has it, in the amount it was made for. */
    BankMatch.Record matched(String kind, UUID id, Money amount) {
        if (kind.equals(ACCOUNT)) {
            return account(chart.get(id), amount, LocalDate.EPOCH);
        }
        if (kind.equals(ENTRY)) {
            return entry(journal.find(id).orElseThrow(() -> RuleViolation.notFound("the entry")), amount);
        }
        if (kind.equals(RETURNED_CHECK)) {
            return returns.find(id)
                    .map(OpenRecords::returned)
                    .orElseGet(() -> new BankMatch.Record(
                            RETURNED_CHECK, id, "A check that was deposited", amount, LocalDate.EPOCH));
        }
        BankMatch.Record now = current(kind, id);
        return new BankMatch.Record(kind, id, now.title(), amount, now.date());
    }

    /**
     * What waits for money and has all of this in its number or payer, or has this amount; the oldest first.
     *
     * @param text null or blank: any
     */
    List<BankMatch.Record> find(
            @Nullable String text,
            @Nullable Money amount,
            @Nullable LocalDate from,
            @Nullable LocalDate to,
            int limit) {
        return jdbc.sql("""
                        select 'settlement' as kind, s.id, coalesce(s.payment_date, s.counted_from) as since
                          from billing_settlements s
                         where s.org_id = :org and s.expected_amount > s.received_amount
                           and s.state not in ('settled', 'closed')
                           and (concat_ws(' ', s.payer_name, s.payer_identifier, s.trace_number) ilike :like
                                or s.expected_amount - s.received_amount = :amount)
                           and (:from::date is null or coalesce(s.payment_date, s.counted_from) >= :from::date)
                           and (:to::date is null or coalesce(s.payment_date, s.counted_from) <= :to::date)
                        union all
                        select 'reference', r.id, r.opened_on
                          from accounting_clearing_references r
                          join accounting_chart_of_accounts a on a.org_id = r.org_id and a.id = r.account_id
                         where r.org_id = :org and r.balance <> 0 and a.account_code in (:accounts)
                           and (concat_ws(' ', a.account_name, r.reference_kind, r.reference_value) ilike :like
                                or abs(r.balance) = :amount)
                           and (:from::date is null or r.opened_on >= :from::date)
                           and (:to::date is null or r.opened_on <= :to::date)
                        order by since, id limit :limit
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("like", BankRows.containing(text))
                .param("amount", amount == null ? null : amount.abs().getAmountMinorLong(), Types.BIGINT)
                .param("from", from, Types.DATE)
                .param("to", to, Types.DATE)
                .param("accounts", ACCOUNTS)
                .param("limit", limit)
                .query((row, number) -> current(row.getString("kind"), row.getObject("id", UUID.class)))
                .list();
    }

    /** @param last where the next ones begin; null: there are no older ones */
    private record Waiting(
            List<Settlement> settlements, @Nullable UUID last) {}

    private Collection<Settlement> waitingSettlements() {
        UUID organization = CurrentOrganization.id().value();
        Map<UUID, Settlement> waiting = new LinkedHashMap<>();
        Waiting newest = waitingSettlements(null);
        newest.settlements().forEach(settlement -> waiting.put(settlement.id(), settlement));
        UUID next = null;
        if (newest.last() != null) {
            Waiting older = waitingSettlements(olderAfter.getOrDefault(organization, newest.last()));
            older.settlements().forEach(settlement -> waiting.put(settlement.id(), settlement));
            next = older.last();
        }
        if (next == null) {
            olderAfter.remove(organization);
        } else {
            olderAfter.put(organization, next);
        }
        return waiting.values();
    }

    private Waiting waitingSettlements(@Nullable UUID from) {
        List<Settlement> waiting = new ArrayList<>();
        UUID after = from;
        while (waiting.size() < MAX_SETTLEMENTS) {
            List<Settlement> page =
                    settlements.list(new SettlementFilter(null, false, null, after, SettlementFilter.MAX_LIMIT));
            page.stream()
                    .filter(settlement -> settlement.remittanceSeen() && !settlement.cashSeen())
                    .forEach(waiting::add);
            if (page.size() < SettlementFilter.MAX_LIMIT) {
                return new Waiting(waiting, null);
            }
            after = page.getLast().id();
        }
        return new Waiting(waiting, after);
    }

    private static LocalDate dateOf(Settlement settlement) {
        LocalDate announced = settlement.paymentDate();
        return announced == null ? settlement.countedFrom() : announced;
    }

    private static BankMatch.Record record(Settlement settlement) {
        String payer = settlement.payerName().isEmpty() ? settlement.payerIdentifier() : settlement.payerName();
        return new BankMatch.Record(
                SETTLEMENT,
                settlement.id(),
                "%s, payment %s".formatted(payer, settlement.traceNumber()),
                settlement.difference().negated(),
                dateOf(settlement));
    }

    private static BankMatch.Record record(OpenReference reference) {
        return new BankMatch.Record(
                REFERENCE,
                reference.id(),
                "%s, %s".formatted(reference.accountName(), reference.reference()),
                reference.balance(),
                reference.openedOn());
    }

    /** A deposited check, as what the bank takes back. */
    static BankMatch.Record returned(UndepositedReceipt receipt) {
        return new BankMatch.Record(
                RETURNED_CHECK,
                receipt.id(),
                "Return of check " + numbers(receipt),
                receipt.amount().negated(),
                receipt.receivedOn());
    }

    static String numbers(UndepositedReceipt receipt) {
        String paper = receipt.paperNumber();
        return paper == null || paper.isBlank() ? receipt.number() : "%s (%s)".formatted(receipt.number(), paper);
    }

    /** A line's own money, for the account it belongs to. */
    BankMatch.Record account(Account account, Money amount, LocalDate date) {
        return new BankMatch.Record(ACCOUNT, account.id(), account.code() + " " + account.name(), amount, date);
    }

    /** What an entry put on the account of a bank before the bank showed it. */
    BankMatch.Record entry(JournalEntry entry, Money amount) {
        return new BankMatch.Record(
                ENTRY, entry.id(), "%s, %s".formatted(entry.number(), entry.description()), amount, entry.date());
    }

    static String id(BankMatch.Record record) {
        return record.kind() + ":" + record.id();
    }

    private static long minor(Money amount) {
        return amount.getAmountMinorLong();
    }

    private static Set<String> keys(String text) {
        String plain = text.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "").replaceFirst("^0+", "");
        return plain.length() < MIN_PARTY ? Set.of() : Set.of(plain);
    }

    private static Set<String> parties(String name) {
        String plain = plain(name);
        return plain.length() < MIN_PARTY ? Set.of() : Set.of(plain);
    }

    private static String plain(String name) {
        return name.toUpperCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", " ").strip();
    }
}
