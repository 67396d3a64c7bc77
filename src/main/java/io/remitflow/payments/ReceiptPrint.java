package io.remitflow.payments;

import io.remitflow.core.Amounts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.font.PDFont;
import org.apache.pdfbox.pdmodel.font.PDType0Font;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/** The receipt of a payment on pages, for whoever paid it. */
final class ReceiptPrint implements AutoCloseable {

    /** The font that PDFBox brings along knows the letters of every European language and of Vietnamese. */
    private static final String FONT = "/org/apache/pdfbox/resources/ttf/LiberationSans-Regular.ttf";

    /** Of a page of 8.5 by 11 inches, in points. */
    private static final int LEFT = 54;

    private static final int RIGHT = 612 - 54;
    private static final int TOP = 792 - 60;
    private static final int BOTTOM = 72;
    private static final int WHAT = 180;
    private static final int ROW = 16;
    private static final int NORMAL = 10;
    private static final int LARGE = 16;
    private static final String UNKNOWN_LETTER = "?";

    private final PDDocument document = new PDDocument();
    private final PDFont font;
    private PDPageContentStream content;
    private int y;

    private ReceiptPrint() throws IOException {
        try (InputStream file = Objects.requireNonNull(PDDocument.class.getResourceAsStream(FONT), FONT)) {
            font = PDType0Font.load(document, file, true);
        }
        content = nextPage();
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
        try (var print = new ReceiptPrint();
                var bytes = new ByteArrayOutputStream()) {
            print.document
                    .getDocumentInformation()
                    .setTitle("Receipt " + receipt.payment().number());
            print.head(receipt);
            print.paid(receipt);
            print.content.close();
            print.document.save(bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void head(Receipt receipt) throws IOException {
        Payment payment = receipt.payment();
        write(LARGE, LEFT, receipt.issuer());
        right(LARGE, "Receipt");
        y -= 2 * ROW;
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
        for (Map.Entry<String, String> fact : facts.entrySet()) {
            write(NORMAL, LEFT, fact.getKey());
            write(NORMAL, WHAT, fact.getValue());
            y -= ROW;
        }
        y -= ROW;
    }

    private void paid(Receipt receipt) throws IOException {
        Money amount = receipt.payment().amount();
        Money left = amount;
        write(NORMAL, LEFT, "What it paid");
        right(NORMAL, "Amount, " + amount.getCurrencyUnit());
        rule();
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
        rule();
        line("Paid", amount);
        line("Balance of the account after this payment", receipt.balance());
        y -= ROW;
        if (receipt.payment().method() == PaymentMethod.CHECK) {
            line("A check counts as paid once the bank has paid it.", null);
        }
    }

    private void line(String what, @Nullable Money amount) throws IOException {
        if (y < BOTTOM) {
            content.close();
            content = nextPage();
        }
        write(NORMAL, LEFT, what);
        if (amount != null) {
            right(NORMAL, Amounts.format(amount));
        }
        y -= ROW;
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

    private PDPageContentStream nextPage() throws IOException {
        PDPage page = new PDPage(PDRectangle.LETTER);
        document.addPage(page);
        y = TOP;
        return new PDPageContentStream(document, page);
    }

    private void write(int size, float x, String text) throws IOException {
        content.beginText();
        content.setFont(font, size);
        content.newLineAtOffset(x, y);
        content.showText(printable(text));
        content.endText();
    }

    private void right(int size, String text) throws IOException {
        write(size, RIGHT - font.getStringWidth(printable(text)) * size / 1000, text);
    }

    private void rule() throws IOException {
        content.setLineWidth(0.5f);
        content.moveTo(LEFT, y - 4);
        content.lineTo(RIGHT, y - 4);
        content.stroke();
        y -= ROW + 4;
    }

    /** A letter that the font lacks is shown as missing, so that the amounts can be read all the same. */
    private String printable(String text) {
        return text.codePoints().mapToObj(this::printable).collect(Collectors.joining());
    }

    private String printable(int letter) {
        String text = Character.toString(letter);
        try {
            font.encode(text);
            return Character.isISOControl(letter) ? " " : text;
        } catch (IOException | IllegalArgumentException e) {
            return UNKNOWN_LETTER;
        }
    }

    @Override
    public void close() throws IOException {
        document.close();
    }
}
