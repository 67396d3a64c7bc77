package io.remitflow.reconciliation;

import io.remitflow.bank.BankAccounts;
import io.remitflow.bank.BankAccounts.NewBankAccount;
import io.remitflow.bank.BankStatements;
import io.remitflow.core.Amounts;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.intake.IntakeFile;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.EntryType;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.local.TestHospital;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** A hospital with a bank account that had 1,000.00 when its statements began, on the first day of the month before last. */
final class BankPeriodBooks {

    static final String NUMBER = "0123456789";

    final TestHospital hospital;
    final BankReconciliations reconciliations;
    final YearMonth month;
    final UUID account;
    private final ApplicationContext context;
    private long keys;

    BankPeriodBooks(ApplicationContext context) {
        this.context = context;
        hospital = TestHospital.create(context);
        reconciliations = bean(BankReconciliations.class);
        month = YearMonth.from(hospital.call(() -> bean(Organizations.class).today()))
                .minusMonths(2);
        account = open("Operating", NUMBER, "1000");
        entry(month.atDay(1).minusDays(1), "1000", "3000", "1000.00");
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    LocalDate day(int dayOfMonth) {
        return month.atDay(dayOfMonth);
    }

    LocalDate end() {
        return month.atEndOfMonth();
    }

    LocalDate nextEnd() {
        return month.plusMonths(1).atEndOfMonth();
    }

    UUID open(String name, String number, String accountCode) {
        var opened = new UUID[1];
        hospital.runAs(
                Role.ACCOUNTING_STAFF,
                () -> opened[0] = bean(BankAccounts.class)
                        .open(new NewBankAccount(name, "First Bank", number, "checking", accountCode)));
        return opened[0];
    }

    /** A movement such as {@code -25.00 FEE MONTHLY FEE}: amount, reference of the bank, text. */
    record Line(LocalDate on, String amount, String reference, String text) {}

    static Line line(LocalDate on, String amount, String reference, String text) {
        return new Line(on, amount, reference, text);
    }

    /** An MT940 statement that begins with a balance, shows lines and closes on a day. */
    void statement(LocalDate from, LocalDate to, String opening, Line... lines) {
        statementOf(NUMBER, from, to, opening, lines);
    }

    void statementOf(String number, LocalDate from, LocalDate to, String opening, Line... lines) {
        long balance = minor(opening);
        var text = new StringBuilder(":20:S\n:25:%s\n:28C:1/1\n:60F:%s\n".formatted(number, balance(from, balance)));
        for (Line line : lines) {
            long amount = minor(line.amount());
            balance += amount;
            text.append(":61:%s%s%d,%02dNTRF%s\n:86:%s\n"
                    .formatted(
                            yymmdd(line.on()),
                            amount > 0 ? "C" : "D",
                            Math.abs(amount) / 100,
                            Math.abs(amount) % 100,
                            line.reference(),
                            line.text()));
        }
        text.append(":62F:%s\n-\n".formatted(balance(to, balance)));
        receive(text.toString());
    }

    private void receive(String text) {
        var receipt = hospital.call(() -> bean(BankStatements.class)
                .receive(
                        "bank-upload",
                        "statement-%d.txt".formatted(++keys),
                        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                        null));
        if (receipt.file().state() != IntakeFile.State.ACCEPTED) {
            throw new IllegalStateException("not taken over: " + receipt.file().reason());
        }
    }

    /** The statement of the first month: a deposit that was booked is credited, a check returned, a fee charged. */
    void firstMonth() {
        deposit(day(1), "DEPOSIT777", "3075.20");
        statement(
                day(1).minusDays(1),
                end(),
                "1000.00",
                line(day(1), "3075.20", "DEPOSIT777", "DEPOSIT"),
                line(day(20), "-490.00", "RT4711", "RETURNED DEPOSITED ITEM"),
                line(end(), "-25.00", "FEE01", "MONTHLY FEE"));
    }

    /** As vector T1: with 530.00 in transit and a check of 730.00 outstanding. */
    void t1() {
        firstMonth();
        deposit(day(25), "DEPOSIT778", "530.00");
        check(day(26), "100123", "730.00");
    }

    UUID deposit(LocalDate on, String reference, String amount) {
        return post(next(on).debit("1070", usd(amount), new ClearingReference("deposit", reference))
                .credit("4200", usd(amount), null));
    }

    UUID check(LocalDate on, String number, String amount) {
        return post(next(on).debit("2000", usd(amount), null)
                .credit("1080", usd(amount), new ClearingReference("check", number)));
    }

    UUID voidCheck(LocalDate on, String number, String amount) {
        return post(next(on).debit("1080", usd(amount), new ClearingReference("check", number))
                .credit("2000", usd(amount), null));
    }

    UUID entry(LocalDate on, String debit, String credit, String amount) {
        return post(next(on).debit(debit, usd(amount), null).credit(credit, usd(amount), null));
    }

    UUID opening(LocalDate on, String debit, String credit, String amount) {
        return post(
                next(on).type(EntryType.OPENING).debit(debit, usd(amount), null).credit(credit, usd(amount), null));
    }

    NewEntry.Builder next(LocalDate on) {
        return NewEntry.on(on, "test", "test:" + ++keys, "Of the test");
    }

    UUID post(NewEntry.Builder entry) {
        return hospital.call(() -> bean(Journal.class).post(entry.build()).id());
    }

    UUID start(LocalDate end) {
        return start(account, end);
    }

    UUID start(UUID bankAccount, LocalDate end) {
        var started = new UUID[1];
        hospital.runAs(Role.ACCOUNTING_STAFF, () -> started[0] = reconciliations.start(bankAccount, end));
        return started[0];
    }

    BankReconciliation get(UUID id) {
        return hospital.call(() -> reconciliations.get(id));
    }

    BankFigures figures(UUID id) {
        return hospital.call(() -> reconciliations.figures(id));
    }

    BankItem unbooked(UUID id, String amount) {
        return figures(id).closing().of(BankItem.Kind.UNBOOKED).stream()
                .filter(item -> item.amount().equals(usd(amount)))
                .findFirst()
                .orElseThrow();
    }

    /** Says of every line that is left what it is: fees are booked, everything else is carried. */
    void explainAll(UUID id) {
        for (BankItem item : figures(id).undecided()) {
            hospital.runAs(Role.ACCOUNTING_STAFF, () -> {
                if (item.words().contains("FEE")) {
                    reconciliations.book(id, item.id(), "8140", "Monthly fee");
                } else {
                    reconciliations.decideLine(
                            id, item.id(), BankReconciliations.LineDecision.CARRIED, "The payer is asked");
                }
            });
        }
    }

    List<String> sql(String query) {
        return hospital.call(() -> Objects.requireNonNull(bean(TransactionTemplate.class)
                .execute(status ->
                        bean(JdbcClient.class).sql(query).query(String.class).list())));
    }

    static Money usd(String amount) {
        return Amounts.parse(amount, "USD");
    }

    private static long minor(String amount) {
        return usd(amount).getAmountMinorLong();
    }

    private static String balance(LocalDate day, long minor) {
        return "%s%sUSD%d,%02d"
                .formatted(minor < 0 ? "D" : "C", yymmdd(day), Math.abs(minor) / 100, Math.abs(minor) % 100);
    }

    private static String yymmdd(LocalDate day) {
        return day.format(DateTimeFormatter.ofPattern("yyMMdd"));
    }
}
