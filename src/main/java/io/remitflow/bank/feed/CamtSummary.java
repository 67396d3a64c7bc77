package io.remitflow.bank.feed;

import io.remitflow.bank.StatementRejected;
import io.remitflow.bank.StatementRejected.Reason;
import io.remitflow.core.Amounts;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a statement of CAMT.053 says about its entries ({@code TxsSummry}), against those it holds.
 *
 * <p>Sums are without direction, as ISO 20022 has them. Banks count either the booked entries or those that are pending too:
 * each figure has to be that of one of both.
 */
final class CamtSummary {

    private final Map<String, Figure> said = new LinkedHashMap<>();
    private final Totals booked = new Totals();
    private final Totals all = new Totals();

    private record Figure(String text, String place) {}

    private static final class Totals {
        private int credits;
        private int debits;
        private long creditMinor;
        private long debitMinor;

        void add(int direction, long minor) {
            if (direction > 0) {
                credits++;
                creditMinor = Math.addExact(creditMinor, minor);
            } else {
                debits++;
                debitMinor = Math.addExact(debitMinor, minor);
            }
        }

        int count(String of) {
            return switch (of) {
                case "TtlCdtNtries" -> credits;
                case "TtlDbtNtries" -> debits;
                default -> credits + debits;
            };
        }

        long sumMinor(String of) {
            return switch (of) {
                case "TtlCdtNtries" -> creditMinor;
                case "TtlDbtNtries" -> debitMinor;
                default -> Math.addExact(creditMinor, debitMinor);
            };
        }
    }

    /** @param figure below {@code TxsSummry}, such as {@code TtlNtries/Sum}; others than counts and sums of entries are passed over */
    void says(String figure, String text, String place) {
        switch (figure) {
            case "TtlNtries/NbOfNtries",
                    "TtlNtries/Sum",
                    "TtlCdtNtries/NbOfNtries",
                    "TtlCdtNtries/Sum",
                    "TtlDbtNtries/NbOfNtries",
                    "TtlDbtNtries/Sum" -> {
                if (!text.isEmpty()) {
                    said.put(figure, new Figure(text, place));
                }
            }
            default -> {}
        }
    }

    /** If nothing is said, entries that are not booked need not even be readable. */
    boolean isSilent() {
        return said.isEmpty();
    }

    void holds(boolean isBooked, int direction, long minor) {
        all.add(direction, minor);
        if (isBooked) {
            booked.add(direction, minor);
        }
    }

    void require(String currency) {
        said.forEach((name, figure) -> {
            String of = name.substring(0, name.indexOf('/'));
            if (name.endsWith("/Sum")) {
                long sum = FileAmounts.point(figure.text(), currency, figure.place());
                if (sum != booked.sumMinor(of) && sum != all.sumMinor(of)) {
                    throw new StatementRejected(
                            Reason.WRONG_CONTROL_TOTAL,
                            "%s says the sum is %s, but the amounts of these entries add up to %s"
                                    .formatted(
                                            of,
                                            FileText.shown(figure.text()),
                                            Amounts.format(booked.sumMinor(of), currency)),
                            figure.place());
                }
            } else {
                long count = FileAmounts.minor(figure.text(), figure.place());
                if (count != booked.count(of) && count != all.count(of)) {
                    throw new StatementRejected(
                            Reason.WRONG_CONTROL_COUNT,
                            "%s says there are %s entries, but there are %d"
                                    .formatted(of, FileText.shown(figure.text()), booked.count(of)),
                            figure.place());
                }
            }
        });
    }
}
