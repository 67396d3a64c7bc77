package io.remitflow.bank;

import io.remitflow.bank.match.MatchRule;
import java.util.List;

/**
 * The rules for lines in bank suspense, the strongest first. What they find is suggested: money whose key and amount agree
 * was booked before. None of them tolerates a difference.
 */
final class MatchRules {

    private static final int REFERENCE_DAYS = 30;
    private static final int PAYER_DAYS = 7;
    private static final int AMOUNT_DAYS = 5;
    private static final int SUM_DAYS = 4;

    static final List<MatchRule> STANDARD = List.of(
            MatchRule.pair("reference", "Reference and amount agree", true, false, REFERENCE_DAYS),
            MatchRule.pair("payer-amount", "Payer and amount agree", false, true, PAYER_DAYS),
            MatchRule.pair("amount-date", "Amount agrees and the dates are close", false, false, AMOUNT_DAYS),
            MatchRule.group("payer-sum", "Payer agrees and the sums are equal", true, PAYER_DAYS, 4, 8),
            MatchRule.group("sum", "Sums are equal and the dates are close", false, SUM_DAYS, 3, 5));

    private MatchRules() {}
}
