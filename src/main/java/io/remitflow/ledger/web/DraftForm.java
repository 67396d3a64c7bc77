package io.remitflow.ledger.web;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.ledger.ClearingReference;
import io.remitflow.ledger.DraftContent;
import io.remitflow.ledger.EntryType;
import io.remitflow.ledger.JournalDraft;
import io.remitflow.ledger.NewEntry;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.format.annotation.DateTimeFormat;
import org.springframework.format.annotation.DateTimeFormat.ISO;

/** What is typed into the page of a manual entry; Spring binds its properties. */
class DraftForm {

    private static final int SPARE_LINES = 4;

    private String key = UUID.randomUUID().toString();
    private int version = 1;
    private boolean post;
    private @Nullable LocalDate date;
    private EntryType type = EntryType.STANDARD;
    private String referenceNumber = "";
    private String description = "";
    private List<LineForm> lines = new ArrayList<>();

    static DraftForm empty(LocalDate today) {
        var form = new DraftForm();
        form.date = today;
        return form;
    }

    static DraftForm of(JournalDraft draft) {
        var form = new DraftForm();
        var content = draft.content();
        form.version = draft.version();
        form.date = content.date();
        form.type = content.type();
        form.referenceNumber = content.referenceNumber() == null ? "" : content.referenceNumber();
        form.description = content.description();
        content.lines().forEach(line -> form.lines.add(LineForm.of(line)));
        return form;
    }

    void addEmptyLines() {
        for (int i = 0; i < SPARE_LINES || lines.size() < 6; i++) {
            lines.add(new LineForm());
        }
    }

    DraftContent content(Organizations organizations) {
        String currency = organizations.current().currency().getCode();
        return new DraftContent(
                date == null ? organizations.today() : date,
                type,
                referenceNumber.isBlank() ? null : referenceNumber.strip(),
                description.strip(),
                lines.stream()
                        .filter(line -> !line.isEmpty())
                        .map(line -> line.line(currency))
                        .toList());
    }

    public String getKey() {
        return key;
    }

    public void setKey(String key) {
        this.key = key;
    }

    public int getVersion() {
        return version;
    }

    public void setVersion(int version) {
        this.version = version;
    }

    public boolean isPost() {
        return post;
    }

    public void setPost(boolean post) {
        this.post = post;
    }

    @DateTimeFormat(iso = ISO.DATE)
    public @Nullable LocalDate getDate() {
        return date;
    }

    @DateTimeFormat(iso = ISO.DATE)
    public void setDate(@Nullable LocalDate date) {
        this.date = date;
    }

    public EntryType getType() {
        return type;
    }

    public void setType(EntryType type) {
        this.type = type;
    }

    public String getReferenceNumber() {
        return referenceNumber;
    }

    public void setReferenceNumber(String referenceNumber) {
        this.referenceNumber = referenceNumber;
    }

    public String getDescription() {
        return description;
    }

    public void setDescription(String description) {
        this.description = description;
    }

    public List<LineForm> getLines() {
        return lines;
    }

    public void setLines(List<LineForm> lines) {
        this.lines = lines;
    }

    /** One row of the form; rows without account and amounts are left out. */
    static class LineForm {

        private String account = "";
        private String debit = "";
        private String credit = "";
        private String kind = "";
        private String value = "";
        private String text = "";

        static LineForm of(NewEntry.Line line) {
            var form = new LineForm();
            form.account = line.accountCode();
            String amount = line.amount().getAmount().toPlainString();
            form.debit = line.debit() ? amount : "";
            form.credit = line.debit() ? "" : amount;
            var clearing = line.clearing();
            form.kind = clearing == null ? "" : clearing.kind();
            form.value = clearing == null ? "" : clearing.value();
            form.text = line.text() == null ? "" : line.text();
            return form;
        }

        boolean isEmpty() {
            return account.isBlank() && debit.isBlank() && credit.isBlank();
        }

        NewEntry.Line line(String currency) {
            if (account.isBlank() || debit.isBlank() == credit.isBlank()) {
                throw new RuleViolation(
                        Refusal.INVALID_INPUT, "every line needs an account and an amount on one side, not on both");
            }
            Money amount = Amounts.parse((debit.isBlank() ? credit : debit).replace(",", ""), currency);
            if (!amount.isPositive()) {
                throw new RuleViolation(Refusal.ENTRY_NOT_BALANCED, "every line needs an amount above zero");
            }
            var clearing =
                    kind.isBlank() || value.isBlank() ? null : new ClearingReference(kind.strip(), value.strip());
            return new NewEntry.Line(
                    account,
                    !debit.isBlank(),
                    amount,
                    clearing,
                    text.isBlank() ? null : text.strip(),
                    null,
                    null,
                    null);
        }

        public String getAccount() {
            return account;
        }

        public void setAccount(String account) {
            this.account = account;
        }

        public String getDebit() {
            return debit;
        }

        public void setDebit(String debit) {
            this.debit = debit;
        }

        public String getCredit() {
            return credit;
        }

        public void setCredit(String credit) {
            this.credit = credit;
        }

        public String getKind() {
            return kind;
        }

        public void setKind(String kind) {
            this.kind = kind;
        }

        public String getValue() {
            return value;
        }

        public void setValue(String value) {
            this.value = value;
        }

        public String getText() {
            return text;
        }

        public void setText(String text) {
            this.text = text;
        }
    }
}
