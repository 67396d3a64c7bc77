package io.remitflow.reconciliation;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.ledger.UnappliedRegister;
import io.remitflow.receivables.Aging;
import io.remitflow.receivables.PatientAccounts;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;

/** Patient accounts against the ledger as of any day, always added up from rows and lines, never from cached balances. */
@Service
@Transactional(readOnly = true, isolation = Isolation.REPEATABLE_READ)
public class ReceivablesReconciliation {

    /** So many breaks are listed; all of them are counted. */
    public static final int MAX_BREAKS = 500;

    public static final int MAX_MONTHS = 36;
    public static final int MAX_DAYS = 366;

    private final ReceivablesRows rows;
    private final List<UnappliedRegister> registers;
    private final PatientAccounts accounts;
    private final Organizations organizations;
    private final Clock clock;

    ReceivablesReconciliation(
            ReceivablesRows rows,
            List<UnappliedRegister> registers,
            PatientAccounts accounts,
            Organizations organizations,
            Clock clock) {
        this.rows = rows;
        this.registers = List.copyOf(registers);
        this.accounts = accounts;
        this.organizations = organizations;
        this.clock = clock;
    }

    /** The end of a day (null: today) with what is known now, or was known at an instant. */
    public ReceivablesAsOf asOf(@Nullable LocalDate day, @Nullable Instant knownAt) {
        Instant now = clock.instant();
        if (knownAt != null && knownAt.isAfter(now)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "nothing is known of the future");
        }
        return new ReceivablesAsOf(
                day == null ? organizations.today() : day,
                (knownAt == null ? now : knownAt).truncatedTo(java.time.temporal.ChronoUnit.MICROS));
    }

    public ReceivablesTieOut tieOut(ReceivablesAsOf asOf) {
        CurrencyUnit currency = currency();
        List<ReceivablesTieOut.Control> controls = rows.controls(asOf, currency);
        Money none = Money.zero(currency);
        var total = controls.stream()
                .reduce(
                        new ReceivablesTieOut.Control("", "Both", none, none, none),
                        (sum, control) -> new ReceivablesTieOut.Control(
                                "",
                                "Both",
                                sum.debitBalances().plus(control.debitBalances()),
                                sum.creditBalances().plus(control.creditBalances()),
                                sum.ledger().plus(control.ledger())));
        return new ReceivablesTieOut(
                asOf, controls, total, rows.causes(asOf, currency), rows.breaks(asOf, MAX_BREAKS, currency));
    }

    /** Both sides of a break, line by line, by the id that {@link ReceivablesTieOut.Break} has. */
    public ReceivablesEntry entry(UUID id) {
        return rows.entry(id, currency()).orElseThrow(() -> RuleViolation.notFound("this entry"));
    }

    /** The months up to that of the day, the last of them up to the day. */
    public ReceivablesRollForward rollForward(ReceivablesAsOf asOf, int months) {
        if (months < 1 || months > MAX_MONTHS) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "between 1 and %d months".formatted(MAX_MONTHS));
        }
        CurrencyUnit currency = currency();
        Money none = Money.zero(currency);
        YearMonth last = YearMonth.from(asOf.day());
        YearMonth first = last.minusMonths(months - 1L);
        var ledger = rows.ledgerMovements(asOf, first, currency);
        Money ledgerClosing = ledger.getOrDefault(first.minusMonths(1), none);
        Map<String, Money> balances = new TreeMap<>();
        var moved = new TreeMap<YearMonth, List<ReceivablesRows.Movement>>();
        for (var movement : rows.movements(asOf, first, currency)) {
            if (movement.month().isBefore(first)) {
                balances.put(movement.payerClass(), movement.all());
            } else {
                moved.computeIfAbsent(movement.month(), month -> new ArrayList<>())
                        .add(movement);
            }
        }
        var found = new ArrayList<ReceivablesRollForward.Month>();
        for (YearMonth month = first; !month.isAfter(last); month = month.plusMonths(1)) {
            Map<String, ReceivablesRollForward.Line> lines = new TreeMap<>();
            balances.forEach((payerClass, opening) -> lines.put(payerClass, line(payerClass, opening)));
            for (var movement : moved.getOrDefault(month, List.of())) {
                String payerClass = movement.payerClass();
                var opening = line(payerClass, balances.getOrDefault(payerClass, none));
                lines.put(payerClass, named(payerClass, opening.plus(movement.line())));
            }
            lines.forEach((payerClass, line) -> balances.put(payerClass, line.closing()));
            ledgerClosing = ledgerClosing.plus(ledger.getOrDefault(month, none));
            var total = lines.values().stream().reduce(line(null, none), ReceivablesRollForward.Line::plus);
            found.add(new ReceivablesRollForward.Month(month, List.copyOf(lines.values()), total, ledgerClosing));
        }
        return new ReceivablesRollForward(asOf, found);
    }

    public ReceivablesUnapplied unapplied(ReceivablesAsOf asOf) {
        Money none = Money.zero(currency());
        String zone = organizations.current().timeZone().getId();
        Map<String, List<UnappliedRegister.Held>> held = registers.stream()
                .collect(Collectors.toMap(
                        UnappliedRegister::documentType, register -> register.held(asOf.day(), asOf.knownAt())));
        List<ReceivablesUnapplied.Item> items = rows.unapplied(asOf, zone, held, currency());
        return new ReceivablesUnapplied(
                asOf,
                items.stream().map(ReceivablesUnapplied.Item::register).reduce(none, Money::plus),
                items.stream().map(ReceivablesUnapplied.Item::ledger).reduce(none, Money::plus),
                aging(asOf).total().unapplied(),
                items,
                items.stream()
                        .filter(item -> !item.register().equals(item.ledger()))
                        .toList());
    }

    public Aging aging(ReceivablesAsOf asOf) {
        return accounts.aging(asOf.day(), asOf.knownAt());
    }

    /** Of so many days that end with the day asked for. */
    public ReceivablesMetrics metrics(ReceivablesAsOf asOf, int days) {
        if (days < 1 || days > MAX_DAYS) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "between 1 and %d days".formatted(MAX_DAYS));
        }
        Money receivables = rows.controls(asOf, currency()).stream()
                .map(ReceivablesTieOut.Control::subledger)
                .reduce(Money.zero(currency()), Money::plus);
        return rows.metrics(asOf, asOf.day().minusDays(days - 1L), receivables);
    }

    private static ReceivablesRollForward.Line line(@Nullable String payerClass, Money opening) {
        Money none = Money.zero(opening.getCurrencyUnit());
        return new ReceivablesRollForward.Line(
                payerClass, opening, none, none, none, none, none, none, none, none, none);
    }

    private static ReceivablesRollForward.Line named(String payerClass, ReceivablesRollForward.Line line) {
        return new ReceivablesRollForward.Line(
                payerClass,
                line.opening(),
                line.charges(),
                line.payments(),
                line.returned(),
                line.contractual(),
                line.writeOffs(),
                line.creditMemos(),
                line.transfersIn(),
                line.transfersOut(),
                line.refunds());
    }

    private CurrencyUnit currency() {
        return organizations.current().currency();
    }
}
