package io.remitflow.bank.feed;

import io.remitflow.bank.StatementClosing;
import io.remitflow.bank.StatementHandler;
import io.remitflow.bank.StatementHeader;
import io.remitflow.bank.StatementLine;
import io.remitflow.bank.StatementRejected;
import io.remitflow.bank.StatementRejected.Reason;
import io.remitflow.core.Amounts;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What holds for every format: the balance before and the lines make the balance after, and a file has an end.
 *
 * <p>Lines of amount zero are what some banks use for remarks; they move no money and are passed over.
 */
final class BalanceCheck implements StatementHandler {

    static final int MAX_LINES = 500_000;
    static final int MAX_STATEMENTS = 5_000;

    private final StatementHandler next;
    private @Nullable StatementHeader header;
    private long sumMinor;
    private int lines;
    private int statements;

    BalanceCheck(StatementHandler next) {
        this.next = next;
    }

    @Override
    public void opened(StatementHeader opened) {
        if (++statements > MAX_STATEMENTS) {
            throw new StatementRejected(
                    Reason.TOO_LARGE, "The file holds more than %,d statements".formatted(MAX_STATEMENTS));
        }
        header = opened;
        sumMinor = 0;
        next.opened(opened);
    }

    @Override
    public void line(StatementLine line) {
        if (line.amountMinor() == 0) {
            return;
        }
        if (++lines > MAX_LINES) {
            throw new StatementRejected(
                    Reason.TOO_LARGE, "The file holds more than %,d lines".formatted(MAX_LINES), line.place());
        }
        sumMinor = Math.addExact(sumMinor, line.amountMinor());
        next.line(line);
    }

    @Override
    public void closed(StatementClosing closing) {
        StatementHeader opened = Objects.requireNonNull(header, "a statement begins before it ends");
        Long opening = opened.openingMinor();
        if (opening != null && closing.closingMinor() != null) {
            long computed = Math.addExact(opening, sumMinor);
            if (computed != closing.closingMinor()) {
                throw new StatementRejected(
                        Reason.WRONG_BALANCE,
                        "Statement %d: opening balance %s and lines %s make %s, but the bank says it closes with %s"
                                .formatted(
                                        statements,
                                        format(opening),
                                        format(sumMinor),
                                        format(computed),
                                        format(closing.closingMinor())));
            }
        }
        next.closed(closing);
    }

    int statements() {
        return statements;
    }

    private String format(long minor) {
        return Amounts.format(minor, Objects.requireNonNull(header).currency());
    }
}
