package io.remitflow.ledger;

import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.joda.money.CurrencyUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The accounts of an organization. None is ever deleted; one that is no longer used becomes inactive. */
@Service
public class ChartOfAccounts {

    private static final Pattern CODE = Pattern.compile("[0-9A-Za-z][0-9A-Za-z.-]{0,19}");

    private final JdbcClient jdbc;
    private final Organizations organizations;
    private final AuditLog audit;
    private final Clock clock;

    ChartOfAccounts(JdbcClient jdbc, Organizations organizations, AuditLog audit, Clock clock) {
        this.jdbc = jdbc;
        this.organizations = organizations;
        this.audit = audit;
        this.clock = clock;
    }

    @Transactional(readOnly = true)
    public List<Account> all() {
        return jdbc.sql("select * from accounting_chart_of_accounts where org_id = :org order by account_code")
                .param("org", CurrentOrganization.id().value())
                .query((row, number) -> read(row))
                .list();
    }

    @Transactional(readOnly = true)
    public Optional<Account> find(UUID id) {
        return jdbc.sql("select * from accounting_chart_of_accounts where org_id = :org and id = :id")
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .query((row, number) -> read(row))
                .optional();
    }

    @Transactional(readOnly = true)
    public Account get(UUID id) {
        return find(id).orElseThrow(() -> RuleViolation.notFound("account"));
    }

    @Transactional(readOnly = true)
    public Account get(StandardAccount account) {
        return byCode(account.code()).orElseThrow(() -> RuleViolation.notFound("account"));
    }

    @Transactional(readOnly = true)
    public Optional<Account> byCode(String code) {
        return jdbc.sql("select * from accounting_chart_of_accounts where org_id = :org and account_code = :code")
                .param("org", CurrentOrganization.id().value())
                .param("code", code)
                .query((row, number) -> read(row))
                .optional();
    }

    @Transactional
    public UUID create(NewAccount account) {
        if (!CODE.matcher(account.code()).matches()) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "an account code has at most 20 letters, digits, dots and dashes");
        }
        requireTexts(account.name(), account.subtype(), account.description(), account.parentId());
        var currency = account.currency() == null ? organizations.current().currency() : account.currency();
        var id = Ids.next();
        if (!insert(id, account, currency, false)) {
            throw new RuleViolation(
                    Refusal.DUPLICATE_ACCOUNT_CODE, "there is already an account %s".formatted(account.code()));
        }
        audit.record(
                "account.created",
                "account",
                id.toString(),
                Map.of("code", account.code(), "type", account.type().key()));
        return id;
    }

    @Transactional
    public void update(UUID id, AccountChange change) {
        var before = get(id);
        requireTexts(change.name(), change.subtype(), change.description(), change.parentId());
        requireNoCycle(id, change.parentId());
        if (before.system() && (!change.active() || !Objects.equals(before.subtype(), blankToNull(change.subtype())))) {
            throw new RuleViolation(
                    Refusal.SYSTEM_ACCOUNT,
                    "account %s is used by the application: it stays active and keeps its kind"
                            .formatted(before.code()));
        }
        jdbc.sql("""
                        update accounting_chart_of_accounts set account_name = :name, account_subtype = :subtype,
                               parent_account_id = :parent, description = :description, is_active = :active,
                               updated_at = :now
                         where org_id = :org and id = :id
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("name", change.name().strip())
                .param("subtype", blankToNull(change.subtype()), Types.VARCHAR)
                .param("parent", change.parentId(), Types.OTHER)
                .param("description", blankToNull(change.description()), Types.VARCHAR)
                .param("active", change.active())
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .update();
        audit.record(
                "account.changed", "account", id.toString(), Map.of("code", before.code(), "active", change.active()));
    }

    @Transactional(propagation = Propagation.MANDATORY)
    void createStandardAccounts(CurrencyUnit currency) {
        for (StandardAccount account : StandardAccount.values()) {
            insert(
                    Ids.next(),
                    new NewAccount(
                            account.code(), account.title(), account.type(), account.subtype(), null, null, currency),
                    currency,
                    true);
        }
    }

    private boolean insert(UUID id, NewAccount account, CurrencyUnit currency, boolean system) {
        return jdbc.sql("""
                                insert into accounting_chart_of_accounts (org_id, id, account_code, account_name,
                                       account_type, account_subtype, parent_account_id, normal_balance, is_system,
                                       description, currency, created_at, updated_at)
                                values (:org, :id, :code, :name, :type, :subtype, :parent, :normal, :system,
                                        :description, :currency, :now, :now)
                                on conflict (org_id, account_code) do nothing
                                """)
                        .param("org", CurrentOrganization.id().value())
                        .param("id", id)
                        .param("code", account.code())
                        .param("name", account.name().strip())
                        .param("type", account.type().key())
                        .param("subtype", blankToNull(account.subtype()), Types.VARCHAR)
                        .param("parent", account.parentId(), Types.OTHER)
                        .param("normal", account.type().normallyDebit() ? "debit" : "credit")
                        .param("system", system)
                        .param("description", blankToNull(account.description()), Types.VARCHAR)
                        .param("currency", currency.getCode())
                        .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                        .update()
                == 1;
    }

    private void requireTexts(
            String name, @Nullable String subtype, @Nullable String description, @Nullable UUID parentId) {
        if (name.isBlank() || name.length() > 200) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "an account needs a name of at most 200 characters");
        }
        if (subtype != null && subtype.length() > 100) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a subtype has at most 100 characters");
        }
        if (description != null && description.length() > 500) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a description has at most 500 characters");
        }
        if (parentId != null) {
            get(parentId);
        }
    }

    private void requireNoCycle(UUID id, @Nullable UUID parent) {
        if (parent == null) {
            return;
        }
        if (id.equals(parent)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "an account cannot be its own parent");
        }
        // Two changes at once could each be right and close a circle together.
        jdbc.sql("""
                        select id from accounting_chart_of_accounts
                         where org_id = :org and (id in (:id, :parent) or parent_account_id is not null) order by id
                           for no key update
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("parent", parent)
                .query(UUID.class)
                .list();
        boolean below = jdbc.sql("""
                        with recursive above as (
                            select id, parent_account_id from accounting_chart_of_accounts where org_id = :org and id = :parent
                            union
                            select a.id, a.parent_account_id
                              from accounting_chart_of_accounts a join above on a.id = above.parent_account_id
                             where a.org_id = :org)
                        select exists (select from above where id = :id)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("parent", parent)
                .query(Boolean.class)
                .single();
        if (below) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "an account cannot have an account as its parent that lies below it");
        }
    }

    private static @Nullable String blankToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }

    static Account read(ResultSet row) throws SQLException {
        var type = AccountType.ofKey(row.getString("account_type"));
        return new Account(
                row.getObject("id", UUID.class),
                row.getString("account_code"),
                row.getString("account_name"),
                type,
                row.getString("account_subtype"),
                row.getObject("parent_account_id", UUID.class),
                row.getBoolean("is_system"),
                row.getBoolean("is_active"),
                row.getString("description"),
                Amounts.ofMinor(type.inNormalDirection(row.getLong("current_balance")), row.getString("currency")));
    }
}
