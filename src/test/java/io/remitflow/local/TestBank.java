package io.remitflow.local;

import io.remitflow.bank.BankAccounts;
import io.remitflow.bank.BankAccounts.NewBankAccount;
import io.remitflow.bank.BankLine;
import io.remitflow.bank.BankMatch;
import io.remitflow.bank.BankMatches;
import io.remitflow.bank.BankStatement;
import io.remitflow.bank.BankStatements;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.joda.money.Money;
import org.springframework.context.ApplicationContext;

/** A bank at which a hospital has its operating account, and the statements (MT940) it sends. */
public final class TestBank {

    private static final String NUMBER = "0123456789";

    private final ApplicationContext context;
    private final TestHospital hospital;
    private Money balance;
    private int statements;

    public TestBank(ApplicationContext context, TestHospital hospital) {
        this.context = context;
        this.hospital = hospital;
        this.balance = Money.zero(hospital.call(
                () -> context.getBean(Organizations.class).current().currency()));
        hospital.runAs(
                Role.ACCOUNTING_STAFF,
                () -> context.getBean(BankAccounts.class)
                        .open(new NewBankAccount("Operating", "First Bank", NUMBER, "checking", "1000")));
    }

    /** What the bank writes about one movement; an amount below zero left the account. */
    public record Movement(String amount, String text) {}

    /**
     * A statement of that day.
     *
     * @return the lines as the bank module has them now
     */
    public List<BankLine> books(LocalDate day, Movement... movements) {
        var text = new StringBuilder(":20:S%1$d\n:25:%2$s\n:28C:%1$d/1\n:60F:%3$s\n"
                .formatted(++statements, NUMBER, balance(day.minusDays(1))));
        for (Movement movement : movements) {
            Money amount = Money.of(balance.getCurrencyUnit(), new java.math.BigDecimal(movement.amount()));
            balance = balance.plus(amount);
            text.append(":61:%s%s%sNTRFNONREF\n:86:%s\n"
                    .formatted(yymmdd(day), amount.isNegative() ? "D" : "C", plain(amount.abs()), movement.text()));
        }
        text.append(":62F:%s\n-\n".formatted(balance(day)));
        hospital.run(() -> context.getBean(BankStatements.class)
                .receive(
                        "bank-upload",
                        "statement-%d.txt".formatted(statements),
                        new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8)),
                        null));
        return hospital.call(() -> {
            var bank = context.getBean(BankStatements.class);
            BankStatement latest = bank.list(null, null, 1).getFirst();
            return bank.lines(latest.id(), 0, 100);
        });
    }

    public List<BankMatch> suggestions() {
        return hospital.call(() -> context.getBean(BankMatches.class).suggestions(null, 50));
    }

    /** The only suggestion there is, accepted by a person. */
    public BankMatch acceptOnly() {
        List<BankMatch> found = suggestions();
        if (found.size() != 1) {
            throw new AssertionError("one suggestion was expected, there are " + found);
        }
        UUID id = found.getFirst().id();
        var accepted = new AtomicReference<BankMatch>();
        hospital.runAs(Role.ACCOUNTING_STAFF, () -> {
            context.getBean(BankMatches.class).accept(id, 0);
            accepted.set(context.getBean(BankMatches.class).get(id));
        });
        return accepted.get();
    }

    private String balance(LocalDate day) {
        return "%s%s%s%s"
                .formatted(
                        balance.isNegative() ? "D" : "C",
                        yymmdd(day),
                        balance.getCurrencyUnit().getCode(),
                        plain(balance.abs()));
    }

    private static String plain(Money amount) {
        String text = amount.getAmount().toPlainString();
        return text.contains(".") ? text.replace('.', ',') : text + ",";
    }

    private static String yymmdd(LocalDate day) {
        return day.format(DateTimeFormatter.ofPattern("yyMMdd", Locale.ROOT));
    }
}
