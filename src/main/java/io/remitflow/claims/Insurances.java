package io.remitflow.claims;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.receivables.PatientAccounts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Who insures a patient, in the order in which they pay. */
@Service
@Transactional
public class Insurances {

    private static final int MOST = 9;

    private final InsuranceRows rows;
    private final PatientAccounts accounts;
    private final Payers payers;
    private final SecondaryClaims secondaries;
    private final AuditLog audit;

    Insurances(
            InsuranceRows rows, PatientAccounts accounts, Payers payers, SecondaryClaims secondaries, AuditLog audit) {
        this.rows = rows;
        this.accounts = accounts;
        this.payers = payers;
        this.secondaries = secondaries;
        this.audit = audit;
    }

    /** In the order of payers. */
    @Transactional(readOnly = true)
    public List<Insurance> ofAccount(UUID accountId) {
        accounts.get(accountId);
        return rows.ofAccount(accountId);
    }

    @Transactional(readOnly = true)
    public Insurance get(UUID accountId, UUID payerId) {
        return ofAccount(accountId).stream()
                .filter(insurance -> insurance.payerId().equals(payerId))
                .findFirst()
                .orElseThrow(() -> RuleViolation.notFound("this insurance"));
    }

    /**
     * Records an insurance, or changes it; claims that wait for it become ready.
     *
     * @param position where it stands among those of the patient, from 1, the others move; null leaves it where it is, a new
     *     one becomes the last
     */
    public void record(UUID accountId, UUID payerId, @Nullable Integer position, Subscriber subscriber) {
        check(subscriber);
        accounts.lock(List.of(accountId));
        accounts.get(accountId);
        payers.get(payerId);
        List<UUID> order = new ArrayList<>(
                rows.ofAccount(accountId).stream().map(Insurance::payerId).toList());
        int before = order.indexOf(payerId);
        if (position != null && (position < 1 || position > MOST) || before < 0 && order.size() >= MOST) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "a patient has at most %d insurances, counted from 1".formatted(MOST));
        }
        if (before < 0 || position != null) {
            order.remove(payerId);
            order.add(position == null ? order.size() : Math.min(position - 1, order.size()), payerId);
        }
        rows.save(accountId, payerId, before < 0 ? order.size() : before + 1, subscriber);
        rows.arrange(accountId, order);
        audit.record("claims.insurance-changed", "patient-account", accountId.toString(), Map.of());
        secondaries.answered(rows.claimsOf(accountId));
    }

    /** Claims already sent stay sent; those that still wait for this insurance are not sent. */
    public void remove(UUID accountId, UUID payerId) {
        accounts.lock(List.of(accountId));
        get(accountId, payerId);
        rows.delete(accountId, payerId);
        rows.arrange(
                accountId,
                rows.ofAccount(accountId).stream().map(Insurance::payerId).toList());
        audit.record("claims.insurance-removed", "patient-account", accountId.toString(), Map.of());
    }

    private static void check(Subscriber subscriber) {
        if (subscriber.memberId().isBlank()
                || subscriber.familyName().isBlank()
                || !subscriber.sex().matches("[FMU]")
                || !subscriber.state().matches("[A-Za-z]{2}")) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "Insurance needs a member id, a name, F, M or U, and a state of two letters");
        }
    }
}
