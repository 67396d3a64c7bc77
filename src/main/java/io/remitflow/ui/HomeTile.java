package io.remitflow.ui;

import org.joda.money.Money;
import org.jspecify.annotations.Nullable;

/**
 * One figure on the home page and the list behind it.
 *
 * @param group "Money in", "Money out", "Clearing" or "Attention"
 */
public record HomeTile(
        String group,
        String title,
        @Nullable Money amount,
        @Nullable Long count,
        String href,
        Tone tone) {}
