package io.remitflow.receivables;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Where patients read mail from us; without an address they get none. */
@Service
@Transactional
public class PatientContacts {

    /** Nothing that could end a header line, or be two addresses. */
    private static final Pattern ADDRESS = Pattern.compile("[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+");

    private static final int MAX_LENGTH = 254;

    private final JdbcClient jdbc;
    private final PatientAccounts accounts;
    private final AuditLog audit;
    private final Clock clock;

    PatientContacts(JdbcClient jdbc, PatientAccounts accounts, AuditLog audit, Clock clock) {
        this.jdbc = jdbc;
        this.accounts = accounts;
        this.audit = audit;
        this.clock = clock;
    }

    /** Never to be logged. */
    @Transactional(readOnly = true)
    public Optional<String> emailOf(UUID accountId) {
        return jdbc.sql("select email from billing_patient_contacts where account_id = :account")
                .param("account", accountId)
                .query(String.class)
                .optional();
    }

    /** @param email blank: no mail any more */
    public void change(UUID accountId, String email) {
        accounts.get(accountId);
        String address = email.strip();
        if (address.isEmpty()) {
            jdbc.sql("delete from billing_patient_contacts where account_id = :account")
                    .param("account", accountId)
                    .update();
        } else {
            write(accountId, address);
        }
        audit.record("contact-changed", "patient-account", accountId.toString(), Map.of("mail", !address.isEmpty()));
    }

    private void write(UUID accountId, String address) {
        if (address.length() > MAX_LENGTH || !ADDRESS.matcher(address).matches()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "that is not a mail address");
        }
        jdbc.sql("""
                        insert into billing_patient_contacts (org_id, account_id, email, updated_by, updated_at)
                        values (:org, :account, :email, :by, :now)
                        on conflict (org_id, account_id) do update set email = :email, updated_by = :by, updated_at = :now
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("account", accountId)
                .param("email", address)
                .param("by", CurrentUser.id().value())
                .param("now", Timestamp.from(clock.instant()))
                .update();
    }
}
