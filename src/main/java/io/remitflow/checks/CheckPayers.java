package io.remitflow.checks;

import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.receivables.PatientAccounts;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** For whom the payers named on checks pay. Rules are made by people; what was picked before is only proposed to them. */
@Service
@Transactional
public class CheckPayers {

    private static final String SUBJECT = "check-payer";
    private static final int MAX_PATTERN = 200;
    private static final int MAX_FACILITIES = 500;

    private final CheckPayerRows rows;
    private final PatientAccounts accounts;
    private final AuditLog audit;

    CheckPayers(CheckPayerRows rows, PatientAccounts accounts, AuditLog audit) {
        this.rows = rows;
        this.accounts = accounts;
        this.audit = audit;
    }

    @Transactional(readOnly = true)
    public List<PayerRule> rules() {
        return rows.rules();
    }

    /** What the rules say about a name. */
    @Transactional(readOnly = true)
    public PayerMatch match(String payerName) {
        return PayerNames.match(payerName, rows.rules());
    }

    /** @throws RuleViolation {@link Refusal#DUPLICATE_CHECK_PAYER} if there is such a rule already */
    public UUID add(String pattern, boolean coversAll, Set<UUID> facilities) {
        var rule = new PayerRule(Ids.next(), FreeText.clean(pattern), coversAll, coversAll ? Set.of() : facilities);
        check(rule);
        if (!rows.insert(rule, plain(rule.pattern()))) {
            throw new RuleViolation(Refusal.DUPLICATE_CHECK_PAYER, "there is a rule for this name already");
        }
        record("check-payer-added", rule);
        return rule.id();
    }

    /** Checks that were confirmed before stay as they are. */
    public void change(UUID id, boolean coversAll, Set<UUID> facilities) {
        PayerRule before = rows.find(id).orElseThrow(() -> RuleViolation.notFound("the payer"));
        var rule = new PayerRule(id, before.pattern(), coversAll, coversAll ? Set.of() : facilities);
        check(rule);
        rows.replaceFacilities(rule);
        record("check-payer-changed", rule);
    }

    public void remove(UUID id) {
        PayerRule rule = rows.find(id).orElseThrow(() -> RuleViolation.notFound("the payer"));
        rows.delete(id);
        record("check-payer-removed", rule);
    }

    @Transactional(readOnly = true)
    public List<PayerProposal> proposals() {
        return rows.proposals();
    }

    /**
     * Makes a rule of all that was picked for the payer of this proposal, beside what the rules say already.
     *
     * @return the new rule, or the one that says more now
     */
    public UUID accept(UUID proposalId) {
        List<PayerProposal> all = rows.proposalsLike(proposalId);
        if (all.isEmpty()) {
            throw RuleViolation.notFound("the proposal");
        }
        String name = all.getFirst().payerName().replace('*', ' ');
        PayerMatch known = match(name);
        if (known.coversAll()) {
            throw new RuleViolation(
                    Refusal.DUPLICATE_CHECK_PAYER, "a rule says already that this payer pays for all: dismiss it");
        }
        Set<UUID> facilities = new HashSet<>(known.facilities());
        all.forEach(proposal -> facilities.add(proposal.facilityId()));
        UUID rule = known.rules().stream()
                .filter(one -> plain(one.pattern()).equals(plain(name)))
                .map(PayerRule::id)
                .findFirst()
                .orElse(null);
        if (rule == null) {
            rule = add(name, false, facilities);
        } else {
            change(rule, false, facilities);
        }
        all.forEach(proposal -> rows.decideProposal(proposal.id(), "accepted"));
        return rule;
    }

    public void dismiss(UUID proposalId) {
        if (!rows.decideProposal(proposalId, "dismissed")) {
            throw RuleViolation.notFound("the proposal");
        }
        audit.record("check-payer-proposal-dismissed", SUBJECT, proposalId.toString(), Map.of());
    }

    /** Of a confirmed check whose facilities a person picked: what of them no rule says. */
    void learn(String payerName, Set<UUID> facilities) {
        PayerMatch known = match(payerName);
        if (!PayerNames.isSound(payerName) || known.coversAll()) {
            return;
        }
        String plain = PayerNames.plain(payerName);
        Set<UUID> unsaid = new TreeSet<>(facilities);
        unsaid.removeAll(known.facilities());
        unsaid.forEach(facility -> rows.propose(payerName, plain, facility));
    }

    private void check(PayerRule rule) {
        if (rule.pattern().length() > MAX_PATTERN || !PayerNames.isSound(rule.pattern())) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "a payer's name has at least 3 letters or digits, and at most 200 characters");
        }
        if (!rule.coversAll()
                && (rule.facilities().isEmpty() || rule.facilities().size() > MAX_FACILITIES)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say for which facilities it pays, or that it pays for all");
        }
        if (accounts.all(rule.facilities()).size() != rule.facilities().size()) {
            throw RuleViolation.notFound("one of the facilities");
        }
    }

    private void record(String action, PayerRule rule) {
        audit.record(
                action,
                SUBJECT,
                rule.id().toString(),
                Map.of(
                        "coversAll",
                        rule.coversAll(),
                        "facilities",
                        rule.facilities().stream().map(UUID::toString).sorted().toList()));
    }

    /** With its stars, so that "Sunrise" and "Sunrise*" are two rules. */
    private static String plain(String pattern) {
        return List.of(pattern.split("\\*", -1)).stream().map(PayerNames::plain).collect(Collectors.joining("*"));
    }
}
