package io.remitflow.reconciliation;

import io.remitflow.core.Amounts;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What a bank reconciliation says, as tables: the PDF and the workbook are two ways to write it down.
 *
 * @param facts what stands at its head: account, period, who completed and approved it
 */
public record BankReport(String title, List<String> facts, List<Table> tables) {

    /** One table; the cells of a row are texts, dates and amounts. */
    public record Table(String title, List<String> columns, List<Row> rows) {}

    /** @param total whether it is a sum of the rows above */
    public record Row(List<Object> cells, boolean total) {}

    /** @param facts who did what when, as sentences */
    static BankReport of(
            BankReconciliation reconciliation, BankFigures figures, String organization, List<String> facts) {
        List<String> head = new ArrayList<>();
        head.add(organization);
        head.add("%s ending in %s, ledger account %s, %s"
                .formatted(
                        figures.account().name(),
                        figures.account().last4(),
                        figures.account().accountCode(),
                        figures.account().currency()));
        head.add("%s to %s, figures as known at %s".formatted(figures.start(), figures.end(), figures.knownAt()));
        head.add("Status: " + reconciliation.status().title());
        head.addAll(facts);
        List<Table> tables = new ArrayList<>();
        tables.add(twoSided(figures.closing()));
        tables.add(proof(figures.proof()));
        tables.add(rollForward(figures));
        for (BankItem.Kind kind : BankItem.Kind.values()) {
            tables.add(items(kind, figures.closing().of(kind)));
        }
        return new BankReport("Bank reconciliation " + reconciliation.number(), head, tables);
    }

    private static Table twoSided(BankBalances at) {
        return new Table(
                "Both sides on " + at.on(),
                List.of("", "Amount"),
                List.of(
                        row("Balance of the bank statement", at.statement()),
                        row("Deposits in transit", at.depositsInTransit()),
                        row("Outstanding checks and payments", at.outstanding().negated()),
                        row("Errors of the bank", at.bankErrors().negated()),
                        total("Adjusted bank balance", at.adjustedBank()),
                        row("Balance of the books", at.book()),
                        row("Unbooked credits", at.unbookedCredits()),
                        row("Unbooked debits", at.unbookedDebits().negated()),
                        total("Adjusted book balance", at.adjustedBook()),
                        total("Difference", at.difference())));
    }

    private static Table proof(ProofOfCash proof) {
        List<Row> rows = new ArrayList<>();
        proof.bank().forEach(each -> rows.add(row(each, each == proof.adjustedBank())));
        proof.book().forEach(each -> rows.add(row(each, each == proof.adjustedBook())));
        rows.add(row(proof.difference(), true));
        return new Table("Proof of cash", List.of("", "Opening", "Receipts", "Disbursements", "Closing"), rows);
    }

    private static Row row(ProofOfCash.Row row, boolean total) {
        return new Row(List.of(row.title(), row.opening(), row.receipts(), row.disbursements(), row.closing()), total);
    }

    private static Table rollForward(BankFigures figures) {
        return new Table(
                "Roll-forward",
                List.of("", "Beginning", "Added", "Cleared by the bank", "Voided or otherwise", "Ending"),
                List.of(
                        row("Outstanding checks and payments", figures.outstanding()),
                        row("Deposits in transit", figures.inTransit())));
    }

    private static Row row(String title, BankRollForward each) {
        return new Row(
                List.of(
                        title,
                        each.beginning(),
                        each.added(),
                        each.cleared().negated(),
                        each.otherwise().negated(),
                        each.ending()),
                false);
    }

    private static Table items(BankItem.Kind kind, List<BankItem> items) {
        List<Row> rows = new ArrayList<>();
        Money sum = null;
        for (BankItem item : items) {
            rows.add(new Row(
                    List.of(item.on(), item.reference(), item.words(), note(item.note()), item.amount()), false));
            sum = sum == null ? item.amount() : sum.plus(item.amount());
        }
        if (sum != null) {
            rows.add(new Row(List.of("Sum", "", "", "", sum), true));
        }
        return new Table(kind.title(), List.of("Date", "Reference", "Description", "Note", "Amount"), rows);
    }

    private static String note(@Nullable String note) {
        return note == null ? "" : note;
    }

    private static Row row(String title, Money amount) {
        return new Row(List.of(title, amount), false);
    }

    private static Row total(String title, Money amount) {
        return new Row(List.of(title, amount), true);
    }

    static String text(Object cell) {
        if (cell instanceof Money money) {
            return Amounts.format(money);
        }
        return cell instanceof LocalDate date ? date.toString() : String.valueOf(cell);
    }
}
