package io.remitflow.checks;

import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * What people may correct of a check.
 *
 * @param facilities empty: the payer's rule says
 */
public record CheckFields(
        @Nullable String checkNumber,
        @Nullable LocalDate date,
        @Nullable String payerName,
        @Nullable String payeeName,
        @Nullable String memo,
        @Nullable Money amount,
        List<RemittanceLine> lines,
        Set<UUID> facilities) {

    public CheckFields {
        lines = List.copyOf(lines);
        facilities = Set.copyOf(facilities);
    }

    public static CheckFields of(PaperCheck check) {
        return new CheckFields(
                check.checkNumber(),
                check.date(),
                check.payerName(),
                check.payeeName(),
                check.memo(),
                check.amount(),
                check.lines(),
                check.facilities());
    }

    public CheckFields withAmount(@Nullable Money other) {
        return new CheckFields(checkNumber, date, payerName, payeeName, memo, other, lines, facilities);
    }

    public CheckFields withFacilities(Set<UUID> picked) {
        return new CheckFields(checkNumber, date, payerName, payeeName, memo, amount, lines, picked);
    }

    public CheckFields withLines(List<RemittanceLine> others) {
        return new CheckFields(checkNumber, date, payerName, payeeName, memo, amount, others, facilities);
    }
}
