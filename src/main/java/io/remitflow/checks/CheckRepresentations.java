package io.remitflow.checks;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.workflow.Timeline;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Checks that came back and that the bank presents again: at most twice, within 180 days, and not for every reason. */
@Service
@Transactional
public class CheckRepresentations {

    static final int MOST = 2;
    static final int DAYS = 180;

    private final Checks checks;
    private final PaperCheckRows rows;
    private final Organizations organizations;
    private final Timeline timeline;
    private final AuditLog audit;

    CheckRepresentations(
            Checks checks, PaperCheckRows rows, Organizations organizations, Timeline timeline, AuditLog audit) {
        this.checks = checks;
        this.rows = rows;
        this.organizations = organizations;
        this.timeline = timeline;
        this.audit = audit;
    }

    /**
     * How it stands with presenting a check again.
     *
     * @param first the check it is, if that came back before
     * @param again the check it was presented as; null: not yet
     * @param until the last day
     * @param refusal why it cannot be presented again; null: it can
     */
    public record Standing(
            @Nullable UUID first,
            @Nullable UUID again,
            int times,
            @Nullable LocalDate until,
            @Nullable String refusal) {

        public boolean isPossible() {
            return refusal == null;
        }
    }

    @Transactional(readOnly = true)
    public Standing standing(UUID id) {
        PaperCheck check = checks.get(id);
        PaperCheckRows.Chain chain = rows.chain(id);
        LocalDate until = until(chain.returnedAt(), organizations.current().timeZone());
        UUID again = id.equals(chain.again()) ? null : chain.again();
        return new Standing(
                id.equals(chain.first()) ? null : chain.first(),
                again,
                chain.times(),
                until,
                refusal(check, chain, again, until));
    }

    /**
     * The same check is presented again without being scanned again: it is reviewed and confirmed as a check of its own, and
     * waits for the bank's credit as one.
     *
     * @throws RuleViolation {@link Refusal#CHECK_NOT_IN_REVIEW} if the rules forbid it
     */
    public UUID present(UUID id) {
        checks.requirePermission(Permission.CHECKS_CONFIRM);
        checks.get(id);
        UUID first = rows.chain(id).first();
        rows.lock(first);
        PaperCheck check = id.equals(first) ? checks.get(id) : rows.lock(id).orElseThrow();
        Standing standing = standing(id);
        if (standing.refusal() != null) {
            throw new RuleViolation(
                    Refusal.CHECK_NOT_IN_REVIEW,
                    "%s cannot be presented again: %s".formatted(check.number(), standing.refusal()));
        }
        UUID again = checks.stageAgain(check, first);
        String number = checks.get(again).number();
        timeline.add(Checks.SUBJECT, id, "Presented again", "As %s".formatted(number));
        timeline.add(
                Checks.SUBJECT,
                again,
                "Staged",
                "%s is presented again, %d of %d times".formatted(check.number(), standing.times() + 1, MOST));
        audit.record("check-presented-again", Checks.SUBJECT, id.toString(), Map.of("as", number));
        return again;
    }

    /** The last day on which a check that came back then is presented again. */
    static @Nullable LocalDate until(@Nullable Instant returnedAt, ZoneId zone) {
        return returnedAt == null ? null : LocalDate.ofInstant(returnedAt, zone).plusDays(DAYS);
    }

    private @Nullable String refusal(
            PaperCheck check, PaperCheckRows.Chain chain, @Nullable UUID again, @Nullable LocalDate until) {
        String code = check.returnCode();
        if (check.status() != CheckStatus.RETURNED || code == null) {
            return "only a check that came back is";
        }
        if (!CheckReturnCode.valueOf(code).isRepresentable()) {
            return "it came back because " + CheckReturnCode.valueOf(code).text();
        }
        if (again != null) {
            return "it was already";
        }
        if (chain.times() >= MOST) {
            return "it was %d times, and no check is more often".formatted(MOST);
        }
        if (until != null && organizations.today().isAfter(until)) {
            return "it came back more than %d days ago".formatted(DAYS);
        }
        return null;
    }
}
