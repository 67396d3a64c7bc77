package io.remitflow.bank;

import io.remitflow.bank.BankAccounts.NewBankAccount;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.intake.IntakeFiles;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.NewEntry;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.TestHospital;
import io.remitflow.remittance.RemittanceState;
import io.remitflow.remittance.Remittances;
import io.remitflow.remittance.Settlement;
import io.remitflow.remittance.SettlementFilter;
import io.remitflow.remittance.SettlementState;
import io.remitflow.remittance.Settlements;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** A hospital with a bank account, statements for it, and what a test wants to know of its books. */
final class BankBooks {

    static final String NUMBER = "0123456789";

    private static final AtomicInteger CONTROL = new AtomicInteger(200_000_000);

    final TestHospital hospital;
    final ApplicationContext context;
    final LocalDate today;
    UUID account = new UUID(0, 0);

    BankBooks(ApplicationContext context) {
        this.context = context;
        this.hospital = TestHospital.create(context);
        this.today = hospital.call(() -> bean(Organizations.class).today());
        this.account = open("Operating", NUMBER, "1000");
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    UUID open(String name, String number, String accountCode) {
        var opened = new UUID[1];
        hospital.runAs(
                Role.ACCOUNTING_STAFF,
                () -> opened[0] = bean(BankAccounts.class)
                        .open(new NewBankAccount(name, "First Bank", number, "checking", accountCode)));
        return opened[0];
    }

    /** MT940 of one day: lines such as {@code C100,NTRFREF//BANKREF} with the text of their :86: after a bar. */
    String mt940(LocalDate day, long openingMinor, String... lines) {
        var text = new StringBuilder(
                ":20:S\n:25:%s\n:28C:1/1\n:60F:%s\n".formatted(NUMBER, balance(day.minusDays(1), openingMinor)));
        long closing = openingMinor;
        for (String line : lines) {
            String[] parts = line.split("\\|", 2);
            String movement = parts[0].replaceFirst("^\\d{6}", "");
            long minor = Long.parseLong(
                    movement.replaceAll("^[RCD]+([0-9,]+)N.*", "$1").replace(",", ""));
            closing += movement.startsWith("C") ? minor : -minor;
            text.append(":61:%s\n".formatted(movement.equals(parts[0]) ? yymmdd(day) + movement : parts[0]));
            if (parts.length > 1) {
                text.append(":86:%s\n".formatted(parts[1]));
            }
        }
        return text.append(":62F:%s\n-\n".formatted(balance(day, closing))).toString();
    }

    private static String balance(LocalDate day, long minor) {
        return "%s%sUSD%d,%02d"
                .formatted(minor < 0 ? "D" : "C", yymmdd(day), Math.abs(minor) / 100, Math.abs(minor) % 100);
    }

    static String yymmdd(LocalDate day) {
        return day.format(DateTimeFormatter.ofPattern("yyMMdd"));
    }

    ImportReceipt receive(String text) {
        return receive(text, null);
    }

    ImportReceipt receive(String text, @Nullable UUID accountId) {
        return hospital.call(() -> bean(BankStatements.class)
                .receive(
                        "bank-upload",
                        "statement.txt",
                        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                        accountId));
    }

    List<BankStatement> statements() {
        return hospital.call(() -> bean(BankStatements.class).list(account, null, 100));
    }

    /** In the caller's transaction, without booking anything. */
    void receiveOnly(String text) {
        var file = bean(IntakeFiles.class)
                .receive(
                        "bank-upload", "statement.txt", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
                .file();
        bean(BankImport.class).take(file.id(), new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), null);
    }

    /** A payer announces a payment whose claim nobody knows: it waits in remittance clearing all the same. */
    void remittance(String traceNumber, String payer, String paid, LocalDate paidOn) {
        String day = paidOn.format(DateTimeFormatter.BASIC_ISO_DATE);
        int control = CONTROL.incrementAndGet();
        String transaction = """
                ST*835*0001~
                BPR*I*%1$s*C*ACH*CCP*01*999999992*DA*123456*1512345678**01*999988880*DA*98765*%2$s~
                TRN*1*%3$s*1987654321~
                DTM*405*%2$s~
                N1*PR*%4$s*XV*12345~
                N3*100 MAIN STREET~
                N4*ALBANY*NY*12201~
                N1*PE*RIVERSIDE HOSPITAL*XX*1234567893~
                LX*1~
                CLP*CLM%5$d*1*%1$s*%1$s*0*12*PCN%5$d*11*1~
                NM1*QC*1*DOE*JANE~
                SVC*HC:99213*%1$s*%1$s**1~
                SE*13*0001~
                """.formatted(paid, day, traceNumber, payer, control);
        String file = """
                ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261115*1200*^*00501*%1$09d*0*P*:~
                GS*HP*SENDER*RECEIVER*20261115*1200*1*X*005010X221A1~
                %2$sGE*1*1~
                IEA*1*%1$09d~
                """.formatted(control, transaction);
        hospital.run(() -> {
            var receipt = bean(Remittances.class)
                    .receive(
                            "era-upload", "remit.835", new ByteArrayInputStream(file.getBytes(StandardCharsets.UTF_8)));
            if (receipt.remittances().stream().noneMatch(part -> part.state() == RemittanceState.POSTED)) {
                throw new IllegalStateException("the remittance was not posted: " + receipt);
            }
        });
    }

    SettlementState settlementState(String traceNumber) {
        return settlement(traceNumber).state();
    }

    Settlement settlement(String traceNumber) {
        return hospital
                .call(() -> bean(Settlements.class).list(new SettlementFilter(null, true, traceNumber, null, 10)))
                .stream()
                .filter(settlement -> settlement.traceNumber().equals(traceNumber))
                .findFirst()
                .orElseThrow();
    }

    /** Something of ours that waits for the bank under a reference: to come in if the amount is above zero. */
    void waits(StandardAccount account, String kind, String value, String amount) {
        Money signed = Money.parse("USD " + amount);
        hospital.run(() -> bean(Journal.class)
                .post(NewEntry.on(today, "test", "test:" + value, "Something waits for the bank")
                        .move(account, signed, new ClearingReference(kind, value))
                        .move(StandardAccount.UNAPPLIED_CASH, signed.negated(), null)
                        .build()));
    }

    void accept(UUID match) {
        hospital.runAs(Role.ACCOUNTING_STAFF, () -> bean(BankMatches.class).accept(match, 0));
    }

    void undo(UUID match) {
        hospital.runAs(Role.ACCOUNTING_STAFF, () -> bean(BankMatches.class).undo(match, "It was another payment"));
    }

    /** The line with this amount, the first if there are several. */
    BankLine line(String amount) {
        return lines().stream()
                .filter(line -> line.amount().equals(Money.parse("USD " + amount)))
                .findFirst()
                .orElseThrow();
    }

    List<BankLine> lines() {
        return hospital.call(() -> Objects.requireNonNull(bean(TransactionTemplate.class)
                .execute(status -> bean(BankRows.class)
                        .lines(bean(JdbcClient.class)
                                .sql("select id from accounting_bank_lines order by id")
                                .query(UUID.class)
                                .list()))));
    }

    List<BankMatch> suggestions() {
        return hospital.call(() -> bean(BankMatches.class).suggestions(null, 50));
    }

    /** Debit minus credit of an account. */
    long balanceMinor(String accountCode) {
        return query("""
                        select coalesce(sum(l.debit_amount - l.credit_amount), 0) from accounting_journal_lines l
                        join accounting_chart_of_accounts a on a.org_id = l.org_id and a.id = l.account_id
                        where a.account_code = '%s'
                        """.formatted(accountCode), Long.class);
    }

    long count(String table) {
        return query("select count(*) from " + table, Long.class);
    }

    <T> T query(String sql, Class<T> type) {
        return hospital.call(() -> Objects.requireNonNull(bean(TransactionTemplate.class)
                .execute(status -> bean(JdbcClient.class).sql(sql).query(type).single())));
    }
}
