package io.remitflow.bank;

import io.remitflow.bank.match.Item;
import io.remitflow.ledger.Clearing;
import io.remitflow.ledger.OpenReference;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.remittance.Settlement;
import io.remitflow.remittance.SettlementFilter;
import io.remitflow.remittance.Settlements;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.springframework.stereotype.Component;

/** What of ours waits for money at the bank: settlements of payers, and references in clearing. */
@Component
class OpenRecords {

    /** The oldest and newest beyond are left to a later run. */
    static final int MAX_SETTLEMENTS = 2_000;

    static final String SETTLEMENT = "settlement";
    static final String REFERENCE = "reference";

    private static final int MIN_PARTY = 4;
    private static final Set<String> ACCOUNTS = Set.of(
            StandardAccount.CARD_CLEARING.code(),
            StandardAccount.UNDEPOSITED_CHECKS.code(),
            StandardAccount.OUTGOING_PAYMENTS_CLEARING.code());

    private final Settlements settlements;
    private final Clearing clearing;

    OpenRecords(Settlements settlements, Clearing clearing) {
        this.settlements = settlements;
        this.clearing = clearing;
    }

    /** By the id the matcher knows them by. */
    record Open(Map<String, BankMatch.Record> records, List<Item> items, Set<String> parties) {}

    Open all() {
        Map<String, BankMatch.Record> records = new LinkedHashMap<>();
        List<Item> items = new ArrayList<>();
        for (Settlement settlement : waitingSettlements()) {
            var record = record(settlement);
            records.put(id(record), record);
            items.add(new Item(
                    id(record),
                    minor(record.amount()),
                    dateOf(settlement),
                    keys(settlement.traceNumber()),
                    parties(settlement.payerName())));
        }
        for (OpenReference reference : clearing.open()) {
            if (ACCOUNTS.contains(reference.accountCode())) {
                var record = record(reference);
                records.put(id(record), record);
                items.add(new Item(
                        id(record),
                        minor(record.amount()),
                        reference.openedOn(),
                        keys(reference.reference().value()),
                        Set.of()));
            }
        }
        Set<String> parties =
                items.stream().flatMap(item -> item.parties().stream()).collect(Collectors.toSet());
        return new Open(records, items, parties);
    }

    /** @param known names of payers that may stand in the text of the line */
    static Item item(BankLine line, Set<String> known) {
        String text = " " + plain(line.counterparty() + " " + line.description()) + " ";
        Set<String> keys = java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(
                                line.bankReference(), line.reference(), line.checkNumber(), line.traceNumber()),
                        java.util.stream.Stream.of(line.description().split("[\\s,;:*/|]+"))
                                .filter(word -> word.chars().anyMatch(Character::isDigit)))
                .flatMap(word -> keys(word).stream())
                .collect(Collectors.toSet());
        return new Item(
                line.id().toString(),
                minor(line.amount()),
                line.bookedOn(),
                keys,
                known.stream().filter(name -> text.contains(" " + name + " ")).collect(Collectors.toSet()));
    }

    /** As it stands now, for a check before booking. */
    BankMatch.Record current(String kind, UUID id) {
        if (kind.equals(SETTLEMENT)) {
            return record(settlements.get(id));
        }
        return clearing.find(id)
                .map(OpenRecords::record)
                .orElseThrow(() -> io.remitflow.core.RuleViolation.notFound("the clearing reference"));
    }

    private List<Settlement> waitingSettlements() {
        List<Settlement> waiting = new ArrayList<>();
        UUID after = null;
        while (waiting.size() < MAX_SETTLEMENTS) {
            List<Settlement> page =
                    settlements.list(new SettlementFilter(null, false, null, after, SettlementFilter.MAX_LIMIT));
            page.stream()
                    .filter(settlement -> settlement.remittanceSeen() && !settlement.cashSeen())
                    .forEach(waiting::add);
            if (page.size() < SettlementFilter.MAX_LIMIT) {
                break;
            }
            after = page.getLast().id();
        }
        return waiting;
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
                settlement.difference().negated());
    }

    private static BankMatch.Record record(OpenReference reference) {
        return new BankMatch.Record(
                REFERENCE,
                reference.id(),
                "%s, %s".formatted(reference.accountName(), reference.reference()),
                reference.balance());
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
