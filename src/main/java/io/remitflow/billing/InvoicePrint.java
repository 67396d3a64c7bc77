package io.remitflow.billing;

import static io.remitflow.core.PrintedPages.LEFT;
import static io.remitflow.core.PrintedPages.RIGHT;

import io.remitflow.core.Amounts;
import io.remitflow.core.PrintedPages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.joda.money.Money;

/**
 * An invoice on pages, as its recipient gets it.
 *
 * <p>Who the patient is stands nowhere in our books, so it stands nowhere here: the account's number says whose it is.
 */
final class InvoicePrint {

    private static final int WHAT = 126;
    private static final int QUANTITY = 400;
    private static final int PRICE = 480;
    private static final int ROW = 15;
    private static final int SMALL = 9;
    private static final int NORMAL = 10;
    private static final int LARGE = 16;

    private final PrintedPages pages;

    private InvoicePrint(PrintedPages pages) {
        this.pages = pages;
    }

    /** @param issuer the hospital */
    static byte[] pages(Invoice invoice, List<Invoice.Line> lines, String issuer, String accountNumber) {
        try (var pages = new PrintedPages("Invoice " + invoice.number(), ROW)) {
            var print = new InvoicePrint(pages);
            print.head(invoice, issuer, accountNumber);
            print.table(lines);
            print.totals(invoice);
            print.foot(invoice);
            return pages.bytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void head(Invoice invoice, String issuer, String accountNumber) throws IOException {
        pages.write(LARGE, LEFT, issuer);
        pages.right(LARGE, RIGHT, title(invoice));
        pages.down(2);
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Invoice", invoice.number());
        facts.put("Account", accountNumber);
        facts.put("Date", invoice.invoiceDate().toString());
        facts.put("Due", invoice.dueDate().toString());
        facts.put(
                "Services",
                invoice.serviceFrom().equals(invoice.serviceTo())
                        ? invoice.serviceFrom().toString()
                        : invoice.serviceFrom() + " to " + invoice.serviceTo());
        facts.put("Terms", invoice.paymentTerms());
        pages.facts(NORMAL, WHAT, facts);
    }

    private void table(List<Invoice.Line> lines) throws IOException {
        columns();
        for (Invoice.Line line : lines) {
            List<String> words = pages.wrapped(
                    SMALL,
                    line.cptCode() == null ? line.description() : line.description() + " (" + line.cptCode() + ")",
                    QUANTITY - 40 - WHAT);
            if (pages.turnedFor(words.size() + 1)) {
                columns();
            }
            pages.write(SMALL, LEFT, line.serviceDate().toString());
            pages.right(SMALL, QUANTITY, String.valueOf(line.quantity()));
            pages.right(SMALL, PRICE, Amounts.format(line.unitPrice()));
            pages.right(SMALL, RIGHT, Amounts.format(line.total()));
            for (String each : words) {
                pages.write(SMALL, WHAT, each);
                pages.down(1);
            }
        }
    }

    private void columns() throws IOException {
        pages.write(SMALL, LEFT, "Service date");
        pages.write(SMALL, WHAT, "What");
        pages.right(SMALL, QUANTITY, "Quantity");
        pages.right(SMALL, PRICE, "Price");
        pages.right(SMALL, RIGHT, "Total");
        pages.rule();
    }

    private void totals(Invoice invoice) throws IOException {
        pages.turnedFor(8);
        pages.rule();
        total("Total", invoice.total());
        total("Paid", invoice.paid());
        total("Credited", invoice.credited());
        pages.write(NORMAL, QUANTITY - 60, "Amount due, " + invoice.due().getCurrencyUnit());
        pages.right(NORMAL, RIGHT, Amounts.format(invoice.due()));
        pages.down(2);
    }

    private void total(String what, Money amount) throws IOException {
        pages.write(NORMAL, QUANTITY - 60, what);
        pages.right(NORMAL, RIGHT, Amounts.format(amount));
        pages.down(1);
    }

    private void foot(Invoice invoice) throws IOException {
        String notes = invoice.notes();
        for (String line : notes == null ? List.<String>of() : pages.wrapped(SMALL, notes, RIGHT - LEFT)) {
            pages.turnedFor(1);
            pages.write(SMALL, LEFT, line);
            pages.down(1);
        }
    }

    private static String title(Invoice invoice) {
        return switch (invoice.status()) {
            case DRAFT -> "Invoice (draft)";
            case VOID -> "Invoice (void)";
            default -> "Invoice";
        };
    }
}
