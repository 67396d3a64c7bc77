package io.remitflow.remittance.web;

import io.remitflow.remittance.PayerTrend;
import java.util.List;

/** A payer's last weeks as the points of a small line, which the page draws without a script. */
record Sparkline(PayerTrend trend, String points, String area) {

    static final int WIDTH = 120;
    static final int HEIGHT = 28;

    /** So that the line is not cut off at the edges. */
    private static final int MARGIN = 2;

    static Sparkline of(PayerTrend trend) {
        List<Long> weeks = trend.weeks();
        long highest =
                Math.max(1, weeks.stream().mapToLong(Long::longValue).max().orElse(1));
        var points = new StringBuilder();
        for (int i = 0; i < weeks.size(); i++) {
            long x = weeks.size() == 1 ? 0 : (long) i * WIDTH / (weeks.size() - 1);
            long y = HEIGHT - MARGIN - Math.max(0, weeks.get(i)) * (HEIGHT - 2 * MARGIN) / highest;
            points.append(i == 0 ? "" : " ").append(x).append(',').append(y);
        }
        return new Sparkline(trend, points.toString(), "0,%d %s %d,%d".formatted(HEIGHT, points, WIDTH, HEIGHT));
    }
}
