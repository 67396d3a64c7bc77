package io.remitflow.refunds;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;

/** A bank's number in the United States (ABA): nine digits of which the last one checks the others. */
record RoutingNumber(String digits) {

    private static final int[] WEIGHTS = {3, 7, 1, 3, 7, 1, 3, 7, 1};

    RoutingNumber {
        if (!digits.matches("\\d{9}") || digits.equals("000000000") || !checks(digits)) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "the routing number is not one of a bank: nine digits, the last one checks them");
        }
    }

    /** As entries name the receiving bank: without the check digit. */
    String withoutCheckDigit() {
        return digits.substring(0, 8);
    }

    private static boolean checks(String digits) {
        int sum = 0;
        for (int i = 0; i < WEIGHTS.length; i++) {
            sum += WEIGHTS[i] * (digits.charAt(i) - '0');
        }
        return sum % 10 == 0;
    }
}
