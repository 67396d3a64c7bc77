package io.remitflow.ledger;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * A journal entry about to be posted: balanced, at least two lines, one currency, every amount above zero.
 *
 * <p>The source key is the idempotency key, unique per organization, such as {@code remittance:<id>}. Two entries have
 * the same content if they move the same amounts between the same accounts and references; date and texts may differ, so
 * that a retry after midnight is still the same entry.
 */
public final class NewEntry {

    /** Sums of many such amounts still fit into a {@code long}, and one fits into a JSON number. */
    public static final long MAX_AMOUNT_MINOR = 1_000_000_000_000_000L;

    public static final int MAX_LINES = 20_000;
    public static final int MAX_TEXT = 500;

    private final LocalDate date;
    private final String sourceModule;
    private final String sourceKey;
    private final String description;
    private final EntryType type;
    private final boolean inOpenPeriod;
    private final @Nullable String documentType;
    private final @Nullable UUID documentId;
    private final @Nullable String referenceNumber;
    private final List<Line> lines;
    private final Money total;

    private NewEntry(Builder builder) {
        this.date = builder.date;
        this.sourceModule = builder.sourceModule;
        this.sourceKey = builder.sourceKey;
        this.description = builder.description;
        this.type = builder.type;
        this.inOpenPeriod = builder.inOpenPeriod;
        this.documentType = builder.documentType;
        this.documentId = builder.documentId;
        this.referenceNumber = builder.referenceNumber;
        this.lines = List.copyOf(builder.lines);
        this.total = balancedTotal(lines);
    }

    /** One side of the entry. */
    public record Line(
            String accountCode,
            boolean debit,
            Money amount,
            @Nullable ClearingReference clearing,
            @Nullable String text,
            @Nullable String referenceType,
            @Nullable UUID referenceId,
            @Nullable UUID costCenterId) {

        public Line(String accountCode, boolean debit, Money amount, @Nullable ClearingReference clearing) {
            this(accountCode, debit, amount, clearing, null, null, null, null);
        }

        Line reversed() {
            return new Line(accountCode, !debit, amount, clearing, text, referenceType, referenceId, costCenterId);
        }

        long debitMinor() {
            return debit ? amount.getAmountMinorLong() : 0;
        }

        long creditMinor() {
            return debit ? 0 : amount.getAmountMinorLong();
        }
    }

    public static Builder on(LocalDate date, String sourceModule, String sourceKey, String description) {
        return new Builder(date, sourceModule, sourceKey, description);
    }

    public LocalDate date() {
        return date;
    }

    public String sourceModule() {
        return sourceModule;
    }

    public String sourceKey() {
        return sourceKey;
    }

    public String description() {
        return description;
    }

    public EntryType type() {
        return type;
    }

    /** Whether an entry for a closed period is dated into the next open one instead of being refused. */
    public boolean inOpenPeriod() {
        return inOpenPeriod;
    }

    public @Nullable String documentType() {
        return documentType;
    }

    public @Nullable UUID documentId() {
        return documentId;
    }

    public @Nullable String referenceNumber() {
        return referenceNumber;
    }

    public List<Line> lines() {
        return lines;
    }

    /** What all debits, and all credits, add up to. */
    public Money total() {
        return total;
    }

    public CurrencyUnit currency() {
        return total.getCurrencyUnit();
    }

    /** SHA-256 of what is moved where. */
    String contentHash() {
        var digest = sha256();
        for (Line line : lines) {
            var clearing = line.clearing();
            String row = String.join(
                    "\u001f",
                    line.accountCode(),
                    line.debit() ? "D" : "C",
                    line.amount().getCurrencyUnit().getCode(),
                    Long.toString(line.amount().getAmountMinorLong()),
                    clearing == null ? "" : clearing.kind(),
                    clearing == null ? "" : clearing.value());
            digest.update(row.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) '\n');
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static Money balancedTotal(List<Line> lines) {
        if (lines.size() < 2) {
            throw new RuleViolation(Refusal.ENTRY_NOT_BALANCED, "an entry needs at least two lines");
        }
        if (lines.size() > MAX_LINES) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "an entry has at most %d lines".formatted(MAX_LINES));
        }
        var currency = lines.getFirst().amount().getCurrencyUnit();
        long debit = 0;
        long credit = 0;
        for (Line line : lines) {
            requireAmount(line, currency);
            debit = Math.addExact(debit, line.debitMinor());
            credit = Math.addExact(credit, line.creditMinor());
        }
        if (debit != credit) {
            throw new RuleViolation(
                    Refusal.ENTRY_NOT_BALANCED,
                    "debits of %s and credits of %s differ"
                            .formatted(Money.ofMinor(currency, debit), Money.ofMinor(currency, credit)));
        }
        return Money.ofMinor(currency, debit);
    }

    private static void requireAmount(Line line, CurrencyUnit currency) {
        if (!line.amount().getCurrencyUnit().equals(currency)) {
            throw new RuleViolation(
                    Refusal.ENTRY_NOT_BALANCED,
                    "one entry cannot mix %s and %s"
                            .formatted(currency, line.amount().getCurrencyUnit()));
        }
        if (!line.amount().isPositive()) {
            throw new RuleViolation(Refusal.ENTRY_NOT_BALANCED, "every line needs an amount above zero");
        }
        if (line.amount().isGreaterThan(Money.ofMinor(currency, MAX_AMOUNT_MINOR))) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "an amount is larger than any this ledger accepts");
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Collects the lines; {@link #build()} checks the rules that need no database. */
    public static final class Builder {

        private final LocalDate date;
        private final String sourceModule;
        private final String sourceKey;
        private final String description;
        private final List<Line> lines = new ArrayList<>();
        private EntryType type = EntryType.STANDARD;
        private boolean inOpenPeriod;
        private @Nullable String documentType;
        private @Nullable UUID documentId;
        private @Nullable String referenceNumber;

        private Builder(LocalDate date, String sourceModule, String sourceKey, String description) {
            this.date = date;
            this.sourceModule = required(sourceModule, "source module", 50);
            this.sourceKey = required(sourceKey, "source key", 200);
            this.description = required(description, "description", MAX_TEXT);
        }

        public Builder debit(StandardAccount account, Money amount, @Nullable ClearingReference clearing) {
            return debit(account.code(), amount, clearing);
        }

        public Builder debit(StandardAccount account, Money amount) {
            return debit(account.code(), amount, null);
        }

        public Builder debit(String accountCode, Money amount, @Nullable ClearingReference clearing) {
            return line(new Line(accountCode, true, amount, clearing));
        }

        public Builder credit(StandardAccount account, Money amount, @Nullable ClearingReference clearing) {
            return credit(account.code(), amount, clearing);
        }

        public Builder credit(StandardAccount account, Money amount) {
            return credit(account.code(), amount, null);
        }

        public Builder credit(String accountCode, Money amount, @Nullable ClearingReference clearing) {
            return line(new Line(accountCode, false, amount, clearing));
        }

        /** A debit if the amount is positive, a credit if it is negative, no line if it is zero. */
        public Builder move(StandardAccount account, Money signed, @Nullable ClearingReference clearing) {
            if (signed.isZero()) {
                return this;
            }
            return line(new Line(account.code(), signed.isPositive(), signed.abs(), clearing));
        }

        public Builder line(Line line) {
            lines.add(line);
            return this;
        }

        /** Says more about the line added last: a text, and the thing it is about such as a claim. */
        public Builder lineAbout(@Nullable String text, @Nullable String referenceType, @Nullable UUID referenceId) {
            Line last = lines.removeLast();
            return line(new Line(
                    last.accountCode(),
                    last.debit(),
                    last.amount(),
                    last.clearing(),
                    text,
                    referenceType,
                    referenceId,
                    last.costCenterId()));
        }

        /** The document behind the entry: a remittance, payment or refund. */
        public Builder reference(String documentType, UUID documentId) {
            this.documentType = documentType;
            this.documentId = documentId;
            return this;
        }

        /** The number people know the document by. */
        public Builder referenceNumber(@Nullable String referenceNumber) {
            this.referenceNumber = referenceNumber;
            return this;
        }

        public Builder type(EntryType type) {
            this.type = type;
            return this;
        }

        /**
         * For what arrives late, such as a remittance of a closed month: the entry is dated on the first day of the next
         * open period and keeps the date given as its effective date.
         */
        public Builder inOpenPeriod() {
            this.inOpenPeriod = true;
            return this;
        }

        /** @throws RuleViolation if the entry is not balanced, mixes currencies or has an amount that is not positive */
        public NewEntry build() {
            return new NewEntry(this);
        }

        private static String required(String text, String what, int maxLength) {
            if (text.isBlank() || text.length() > maxLength) {
                throw new RuleViolation(
                        Refusal.INVALID_INPUT,
                        "an entry needs a %s of at most %d characters".formatted(what, maxLength));
            }
            return text;
        }
    }
}
