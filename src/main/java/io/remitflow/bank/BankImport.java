package io.remitflow.bank;

import io.remitflow.bank.StatementRejected.Reason;
import io.remitflow.core.Ids;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.Organizations;
import java.io.InputStream;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Takes a file over as statements and lines, in the caller's transaction: a file that turns out broken leaves nothing. */
@Component
class BankImport {

    static final int MAX_SHOWN = 200;
    private static final int BATCH = 500;

    private final StatementReader reader;
    private final BankAccounts accounts;
    private final BankRows rows;
    private final Organizations organizations;
    private final AuditLog audit;
    private final Clock clock;

    BankImport(
            StatementReader reader,
            BankAccounts accounts,
            BankRows rows,
            Organizations organizations,
            AuditLog audit,
            Clock clock) {
        this.reader = reader;
        this.accounts = accounts;
        this.rows = rows;
        this.organizations = organizations;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * A gap between two statements is no reason to refuse a file: the one that is missing may come later.
     *
     * @param bankAccountId the only account the file may be about, if a person said so
     */
    @Transactional(propagation = Propagation.MANDATORY)
    void take(UUID fileId, InputStream bytes, @Nullable UUID bankAccountId) {
        rows.lock();
        var taking = new Taking(bankAccountId == null ? null : accounts.get(bankAccountId));
        BankFormat format = reader.read(bytes, accounts.profiles(bankAccountId), taking);
        taking.flush();
        for (Taken statement : taking.statements) {
            rows.insertStatement(
                    statement.id,
                    statement.account.id(),
                    fileId,
                    statement.position,
                    statement.header,
                    format,
                    statement.firstOn,
                    statement.lastOn,
                    statement.closingMinor,
                    clock.instant());
        }
        audit.record(
                "bank-file.imported",
                "file",
                fileId.toString(),
                Map.of("format", format.key(), "statements", taking.statements.size(), "lines", taking.lines));
    }

    private static final class Taken {

        private final UUID id = Ids.next();
        private final int position;
        private final BankAccount account;
        private final StatementHeader header;
        private int lines;
        private @Nullable LocalDate firstOn;
        private @Nullable LocalDate lastOn;
        private @Nullable Long closingMinor;

        Taken(int position, BankAccount account, StatementHeader header) {
            this.position = position;
            this.account = account;
            this.header = header;
        }

        void covers(@Nullable LocalDate day) {
            if (day != null) {
                firstOn = firstOn == null || day.isBefore(firstOn) ? day : firstOn;
                lastOn = lastOn == null || day.isAfter(lastOn) ? day : lastOn;
            }
        }
    }

    private final class Taking implements StatementHandler {

        private final @Nullable BankAccount only;
        private final LocalDate today = organizations.today();
        private final Map<String, Optional<BankAccount>> known = new HashMap<>();
        private final Map<String, Integer> seen = new HashMap<>();
        private final List<Taken> statements = new ArrayList<>();
        private final List<BankRows.NewLine> batch = new ArrayList<>();
        private @Nullable Taken current;
        private int lines;

        Taking(@Nullable BankAccount only) {
            this.only = only;
        }

        @Override
        public void opened(StatementHeader header) {
            BankAccount account = account(header);
            if (!account.currency().equals(header.currency())) {
                throw new StatementRejected(
                        Reason.WRONG_CURRENCY,
                        "The account ending in %s is kept in %s, the statement is in %s"
                                .formatted(account.last4(), account.currency(), header.currency()));
            }
            current = new Taken(statements.size() + 1, account, header);
            statements.add(current);
        }

        @Override
        public void line(StatementLine line) {
            Taken statement = Objects.requireNonNull(current);
            if (line.bookedOn().isAfter(today)) {
                throw new StatementRejected(
                        Reason.WRONG_DATE,
                        "A movement is dated %s, in the future".formatted(line.bookedOn()),
                        line.place());
            }
            statement.covers(line.bookedOn());
            lines++;
            // The n-th that looks like this in the file is the n-th that was ever seen, or new.
            String same = "%s %s %d %s"
                    .formatted(statement.account.id(), line.bookedOn(), line.amountMinor(), BankRows.contentKey(line));
            int occurrence = seen.merge(same, 1, Integer::sum);
            batch.add(new BankRows.NewLine(statement.id, statement.account.id(), ++statement.lines, line, occurrence));
            if (batch.size() == BATCH) {
                flush();
            }
        }

        @Override
        public void closed(StatementClosing closing) {
            Taken statement = Objects.requireNonNull(current);
            statement.covers(closing.closedOn());
            if (statement.firstOn == null) {
                statement.covers(statement.header.openedOn());
            }
            statement.closingMinor = closing.closingMinor();
            current = null;
        }

        void flush() {
            rows.insertLines(batch);
            batch.clear();
        }

        private BankAccount account(StatementHeader header) {
            CsvProfile profile = header.profile();
            BankAccount account = profile != null
                    ? accounts.get(profile.bankAccountId())
                    : known.computeIfAbsent(header.accountNumber(), accounts::ofNumber)
                            .orElseThrow(() -> new StatementRejected(
                                    Reason.UNKNOWN_ACCOUNT,
                                    "The account ending in %s is none of the bank accounts: add it, then send the file again"
                                            .formatted(ending(header.accountNumber()))));
            if (!account.active()) {
                throw new StatementRejected(
                        Reason.UNKNOWN_ACCOUNT, "The bank account %s is not active".formatted(account.name()));
            }
            if (only != null && !only.id().equals(account.id())) {
                throw new StatementRejected(
                        Reason.UNKNOWN_ACCOUNT,
                        "The file is about the account ending in %s, not about %s"
                                .formatted(account.last4(), only.name()));
            }
            return account;
        }

        private static String ending(String number) {
            String plain = BankAccounts.plain(number);
            return plain.substring(Math.max(0, plain.length() - 4));
        }
    }
}
