package io.remitflow.bank;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Secrets;
import io.remitflow.ledger.Account;
import io.remitflow.ledger.AccountType;
import io.remitflow.ledger.ChartOfAccounts;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Our accounts at banks, and how each bank lays out its CSV files. */
@Service
@Transactional
public class BankAccounts {

    private static final int MAX_NAME = 100;
    private static final String SELECT = """
            select b.*, a.account_code from accounting_bank_accounts b
            join accounting_chart_of_accounts a on a.org_id = b.org_id and a.id = b.gl_account_id
            """;

    private final JdbcClient jdbc;
    private final ChartOfAccounts chart;
    private final Organizations organizations;
    private final Secrets secrets;
    private final AuditLog audit;
    private final ObjectMapper json;
    private final Clock clock;

    BankAccounts(
            JdbcClient jdbc,
            ChartOfAccounts chart,
            Organizations organizations,
            Secrets secrets,
            AuditLog audit,
            ObjectMapper json,
            Clock clock) {
        this.jdbc = jdbc;
        this.chart = chart;
        this.organizations = organizations;
        this.secrets = secrets;
        this.audit = audit;
        this.json = json;
        this.clock = clock;
    }

    /**
     * @param number as the bank writes it in its statements
     * @param accountCode the account of the general ledger that holds this money
     */
    public record NewBankAccount(String name, String bankName, String number, String type, String accountCode) {}

    public UUID open(NewBankAccount account) {
        String name = required(account.name(), "a name");
        String bankName = required(account.bankName(), "the name of its bank");
        String number = plain(account.number());
        if (!number.matches("[A-Z0-9]{4,34}")) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "the account number has 4 to 34 letters or digits");
        }
        Account gl = chart.byCode(account.accountCode().strip())
                .orElseThrow(() -> RuleViolation.notFound(
                        "the account " + account.accountCode().strip()));
        if (gl.type() != AccountType.ASSET || gl.isClearing() || !gl.active()) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "money at a bank is on an active asset account that is not a clearing account");
        }
        String currency = organizations.current().currency().getCode();
        if (ofNumber(number).isPresent()
                || list().stream().anyMatch(known -> known.name().equalsIgnoreCase(name))) {
            throw new RuleViolation(
                    Refusal.DUPLICATE_BANK_ACCOUNT, "there is already a bank account with this name or number");
        }
        UUID id = Ids.next();
        jdbc.sql("""
                        insert into accounting_bank_accounts (org_id, id, account_name, bank_name, account_encrypted,
                            account_last4, account_type, currency, gl_account_id, created_by, created_at, updated_at)
                        values (:org, :id, :name, :bank, :number, :last4, :type, :currency, :gl, :by, :now, :now)
                        """)
                .param("org", organization())
                .param("id", id)
                .param("name", name)
                .param("bank", bankName)
                .param("number", secrets.encrypt(number))
                .param("last4", number.substring(number.length() - 4))
                .param("type", BankAccount.Type.ofKey(account.type()).key())
                .param("currency", currency)
                .param("gl", gl.id())
                .param("by", CurrentUser.id().value())
                .param("now", Timestamp.from(clock.instant()), Types.TIMESTAMP)
                .update();
        audit.record(
                "bank-account.opened",
                "our-bank-account",
                id.toString(),
                Map.of("name", name, "ending", number.substring(number.length() - 4), "account", gl.code()));
        return id;
    }

    /** Statements of an account that is not active are rejected. */
    public void change(UUID id, String name, String bankName, boolean active) {
        BankAccount before = get(id);
        String wanted = required(name, "a name");
        if (list().stream()
                .anyMatch(other -> !other.id().equals(id) && other.name().equalsIgnoreCase(wanted))) {
            throw new RuleViolation(Refusal.DUPLICATE_BANK_ACCOUNT, "there is already a bank account with this name");
        }
        jdbc.sql("""
                        update accounting_bank_accounts set account_name = :name, bank_name = :bank, is_active = :active,
                            is_default = is_default and :active,
                            updated_at = :now
                        where org_id = :org and id = :id
                        """)
                .param("org", organization())
                .param("id", id)
                .param("name", wanted)
                .param("bank", required(bankName, "the name of its bank"))
                .param("active", active)
                .param("now", Timestamp.from(clock.instant()), Types.TIMESTAMP)
                .update();
        audit.record(
                "bank-account.changed",
                "our-bank-account",
                id.toString(),
                Map.of("before", before.name(), "name", wanted, "active", active));
    }

    /** Money goes to this account unless somebody says otherwise; to one that was so before it does not any more. */
    public void makeDefault(UUID id) {
        BankAccount account = get(id);
        if (!account.active()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "an account that is not active is not the default");
        }
        if (account.byDefault()) {
            return;
        }
        // All rows in one order: two people who choose different ones take turns.
        jdbc.sql("select id from accounting_bank_accounts where org_id = :org order by id for no key update")
                .param("org", organization())
                .query(UUID.class)
                .list();
        jdbc.sql("update accounting_bank_accounts set is_default = false where org_id = :org and is_default")
                .param("org", organization())
                .update();
        jdbc.sql(
                        "update accounting_bank_accounts set is_default = true, updated_at = :now where org_id = :org and id = :id")
                .param("org", organization())
                .param("id", id)
                .param("now", Timestamp.from(clock.instant()), Types.TIMESTAMP)
                .update();
        audit.record("bank-account.default", "our-bank-account", id.toString(), Map.of("name", account.name()));
    }

    /** Up to where its reconciliations are approved; null: none is (any more). */
    public void reconciled(UUID id, BankAccount.@Nullable Reconciled upTo) {
        jdbc.sql("""
                        update accounting_bank_accounts set last_reconciled_date = :on, last_reconciled_balance = :balance
                        where org_id = :org and id = :id
                        """)
                .param("org", organization())
                .param("id", id)
                .param("on", upTo == null ? null : upTo.on(), Types.DATE)
                .param("balance", upTo == null ? null : upTo.balance().getAmountMinorLong(), Types.BIGINT)
                .update();
    }

    @Transactional(readOnly = true)
    public BankAccount get(UUID id) {
        return jdbc.sql(SELECT + " where b.org_id = :org and b.id = :id")
                .param("org", organization())
                .param("id", id)
                .query(BankAccounts::account)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("the bank account"));
    }

    @Transactional(readOnly = true)
    public List<BankAccount> list() {
        return jdbc.sql(SELECT + " where b.org_id = :org order by b.is_active desc, b.is_default desc, b.account_name")
                .param("org", organization())
                .query(BankAccounts::account)
                .list();
    }

    /** The one whose statements bear this number, with or without leading zeros. */
    @Transactional(readOnly = true)
    public Optional<BankAccount> ofNumber(String number) {
        String wanted = withoutZeros(plain(number));
        return list().stream()
                .filter(account -> wanted.endsWith(withoutZeros(account.last4())))
                .filter(account -> withoutZeros(numberOf(account.id())).equals(wanted))
                .findFirst();
    }

    /** The layouts of all banks, or of one account's. */
    @Transactional(readOnly = true)
    public List<CsvProfile> profiles(@Nullable UUID bankAccountId) {
        return jdbc
                .sql("select layout from accounting_bank_csv_profiles where org_id = :org order by name, id")
                .param("org", organization())
                .query(String.class)
                .list()
                .stream()
                .map(this::profile)
                .filter(profile ->
                        bankAccountId == null || profile.bankAccountId().equals(bankAccountId))
                .toList();
    }

    /** Saves a layout under its name, which replaces the one of this name. */
    public UUID saveProfile(CsvProfile profile) {
        get(profile.bankAccountId());
        UUID id = profiles(profile.bankAccountId()).stream()
                .filter(known -> known.name().equals(profile.name()))
                .map(CsvProfile::id)
                .findFirst()
                .orElse(profile.id());
        jdbc.sql("""
                        insert into accounting_bank_csv_profiles (org_id, id, bank_account_id, name, layout, updated_by, updated_at)
                        values (:org, :id, :account, :name, :layout::jsonb, :by, :now)
                        on conflict (org_id, bank_account_id, name) do update
                            set layout = excluded.layout, updated_by = excluded.updated_by, updated_at = excluded.updated_at
                        """)
                .param("org", organization())
                .param("id", id)
                .param("account", profile.bankAccountId())
                .param("name", profile.name())
                .param("layout", text(profile))
                .param("by", CurrentUser.id().value())
                .param("now", Timestamp.from(clock.instant()), Types.TIMESTAMP)
                .update();
        audit.record(
                "bank-csv-profile.saved",
                "our-bank-account",
                profile.bankAccountId().toString(),
                Map.of("profile", profile.name()));
        return id;
    }

    /** Letters and digits only, in capitals: banks group them in different ways. */
    static String plain(String number) {
        return number.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "");
    }

    private static String withoutZeros(String number) {
        return number.replaceFirst("^0+(?=.)", "");
    }

    /** Never to be logged or shown. */
    private String numberOf(UUID id) {
        return secrets.decrypt(
                jdbc.sql("select account_encrypted from accounting_bank_accounts where org_id = :org and id = :id")
                        .param("org", organization())
                        .param("id", id)
                        .query((row, number) -> row.getBytes(1))
                        .single());
    }

    private String text(CsvProfile profile) {
        try {
            return json.writeValueAsString(profile);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private CsvProfile profile(String layout) {
        try {
            return json.readValue(layout, CsvProfile.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored CSV profile cannot be read", e);
        }
    }

    private static String required(String text, String what) {
        if (text.isBlank() || text.strip().length() > MAX_NAME) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "a bank account has %s of at most %d characters".formatted(what, MAX_NAME));
        }
        return text.strip();
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }

    private static BankAccount account(ResultSet row, int number) throws SQLException {
        LocalDate reconciledOn = row.getObject("last_reconciled_date", LocalDate.class);
        return new BankAccount(
                row.getObject("id", UUID.class),
                row.getString("account_name"),
                row.getString("bank_name"),
                row.getString("account_last4"),
                BankAccount.Type.ofKey(row.getString("account_type")),
                row.getString("currency"),
                row.getObject("gl_account_id", UUID.class),
                row.getString("account_code"),
                row.getBoolean("is_active"),
                row.getBoolean("is_default"),
                reconciledOn == null
                        ? null
                        : new BankAccount.Reconciled(
                                reconciledOn,
                                Amounts.ofMinor(row.getLong("last_reconciled_balance"), row.getString("currency"))));
    }
}
