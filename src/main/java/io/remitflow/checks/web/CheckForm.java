package io.remitflow.checks.web;

import io.remitflow.checks.CheckFields;
import io.remitflow.checks.PaperCheck;
import io.remitflow.checks.RemittanceLine;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.receivables.PatientAccounts;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.util.MultiValueMap;

/** The fields of a check as the form sends them: empty is unknown, and a line without an amount is none. */
final class CheckForm {

    private static final int MOST_LINES = 200;

    private final MultiValueMap<String, String> values;
    private final PaperCheck check;
    private final PatientAccounts accounts;

    private CheckForm(MultiValueMap<String, String> values, PaperCheck check, PatientAccounts accounts) {
        this.values = values;
        this.check = check;
        this.accounts = accounts;
    }

    static CheckFields read(MultiValueMap<String, String> values, PaperCheck check, PatientAccounts accounts) {
        var form = new CheckForm(values, check, accounts);
        return new CheckFields(
                form.text("checkNumber"),
                date(form.text("date")),
                form.text("payerName"),
                form.text("payeeName"),
                form.text("memo"),
                form.amount(form.text("amount")),
                form.lines(),
                form.facilities());
    }

    /** A line keeps the number that it has on the page, also if one before it is left out. */
    private List<RemittanceLine> lines() {
        List<String> amounts = values.getOrDefault("lineAmount", List.of());
        List<RemittanceLine> lines = new ArrayList<>();
        for (int i = 0; i < Math.min(amounts.size(), MOST_LINES); i++) {
            Money amount = amount(amounts.get(i).strip());
            if (amount != null) {
                lines.add(new RemittanceLine(
                        i + 1,
                        at("lineInvoice", i),
                        date(at("lineDate", i)),
                        amount.getAmountMinorLong(),
                        id(at("lineChoice", i))));
            }
        }
        return lines;
    }

    /** Account numbers, as people know facilities and patients by. */
    private Set<UUID> facilities() {
        Set<UUID> ids = new LinkedHashSet<>();
        String numbers = text("facilities");
        if (numbers != null) {
            for (String number : numbers.split("[\\s,;]+")) {
                ids.add(accounts.byNumber(number)
                        .orElseThrow(() -> new RuleViolation(
                                Refusal.INVALID_INPUT, "no account has the number '%s'".formatted(number)))
                        .id());
            }
        }
        return ids;
    }

    private @Nullable Money amount(@Nullable String text) {
        return text == null || text.isBlank() ? null : Amounts.parse(text.replace(",", ""), check.currency());
    }

    private @Nullable String text(String name) {
        String value = values.getFirst(name);
        return value == null || value.isBlank() ? null : value.strip();
    }

    private @Nullable String at(String name, int index) {
        List<String> all = values.getOrDefault(name, List.of());
        return index < all.size() && !all.get(index).isBlank() ? all.get(index).strip() : null;
    }

    static @Nullable LocalDate date(@Nullable String text) {
        try {
            return text == null || text.isBlank() ? null : LocalDate.parse(text);
        } catch (DateTimeParseException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "'%s' is no date".formatted(text));
        }
    }

    private static @Nullable UUID id(@Nullable String text) {
        try {
            return text == null ? null : UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "no such invoice");
        }
    }
}
