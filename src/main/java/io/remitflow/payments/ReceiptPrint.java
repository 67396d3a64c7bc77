package io.remitflow.payments;

import static io.remitflow.core.PrintedPages.LEFT;
import static io.remitflow.core.PrintedPages.RIGHT;

import io.remitflow.core.Amounts;
import io.remitflow.core.PrintedPages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** The receipt of a payment on pages, for whoever paid it. */
final class ReceiptPrint {

    private static final int WHAT = 180;
    private static final int ROW = 16;
    private static final int NORMAL = 10;
    private static final int LARGE = 16;

    private final PrintedPages pages;

    private ReceiptPrint(PrintedPages pages) {
        this.pages = pages;
    }

    /**
     * What stands on it.
     *
     * @param issuer the hospital
     * @param balance of the account, right after the payment
     * @param receivedBy null: no person
     */
    record Receipt(
            Payment payment,
            List<PaymentAllocation> allocations,
            @Nullable LocalDate checkDate,
            ZonedDateTime at,
            String issuer,
            String patient,
            String accountNumber,
            Money balance,
            @Nullable String receivedBy) {}

    static byte[] pdf(Receipt receipt) {
        try (var pages = new PrintedPages("Receipt " + receipt.payment().number(), ROW)) {
            var print = new ReceiptPrint(pages);
            print.head(receipt);
            print.paid(receipt);
            return pages.bytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void head(Receipt receipt) throws IOException {
        Payment payment = receipt.payment();
        pages.write(LARGE, LEFT, receipt.issuer());
        pages.right(LARGE, RIGHT, "Receipt");
        pages.down(2);
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Receipt number", payment.number());
        facts.put("Payment date", payment.date().toString());
        facts.put("Recorded", DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm").format(receipt.at()));
        facts.put("Patient", receipt.patient());
        facts.put("Account", receipt.accountNumber());
        facts.put("Paid by", method(payment, receipt.checkDate()));
        if (payment.method() != PaymentMethod.CHECK && payment.reference() != null) {
            facts.put("Confirmation", payment.reference());
        } else if (payment.gatewayTransactionId() != null) {
            facts.put("Confirmation", payment.gatewayTransactionId());
        }
        if (receipt.receivedBy() != null) {
            facts.put("Received by", receipt.receivedBy());
        }
        pages.facts(NORMAL, WHAT, facts);
    }

    private void paid(Receipt receipt) throws IOException {
        Money amount = receipt.payment().amount();
        Money left = amount;
        pages.write(NORMAL, LEFT, "What it paid");
        pages.right(NORMAL, RIGHT, "Amount, " + amount.getCurrencyUnit());
        pages.rule();
        Map<String, Money> lines = new LinkedHashMap<>();
        for (PaymentAllocation each : receipt.allocations()) {
            lines.merge((each.invoiceId() == null ? "Claim " : "Invoice ") + each.number(), each.amount(), Money::plus);
            left = left.minus(each.amount());
        }
        if (left.isPositive()) {
            lines.put("On the account", left);
        }
        for (Map.Entry<String, Money> line : lines.entrySet()) {
            line(line.getKey(), line.getValue());
        }
        pages.rule();
        line("Paid", amount);
        line("Balance of the account after this payment", receipt.balance());
        pages.down(1);
        if (receipt.payment().method() == PaymentMethod.CHECK) {
            line("A check counts as paid once the bank has paid it.", null);
        }
    }

    private void line(String what, @Nullable Money amount) throws IOException {
        pages.turnedFor(1);
        pages.write(NORMAL, LEFT, what);
        if (amount != null) {
            pages.right(NORMAL, RIGHT, Amounts.format(amount));
        }
        pages.down(1);
    }

    private static String method(Payment payment, @Nullable LocalDate checkDate) {
        return switch (payment.method()) {
            case CASH -> "Cash";
            case CHECK ->
                "Check " + Objects.requireNonNullElse(payment.reference(), "")
                        + (checkDate == null ? "" : " of " + checkDate);
            case CREDIT_CARD -> card("Credit card", payment);
            case DEBIT_CARD -> card("Debit card", payment);
            case ACH, WIRE, EFT -> "Bank transfer";
            case PAYMENT_PLAN -> "Payment plan";
            case INSURANCE -> "Insurance";
            case ONLINE -> card("Online", payment);
            case MOBILE -> card("Mobile", payment);
            case OTHER -> "Other";
        };
    }

    private static String card(String kind, Payment payment) {
        return payment.cardLast4() == null ? kind : kind + " ending " + payment.cardLast4();
    }
}
