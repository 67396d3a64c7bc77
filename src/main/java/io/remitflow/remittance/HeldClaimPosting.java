package io.remitflow.remittance;

import io.remitflow.claims.Claim;
import io.remitflow.claims.Claims;
import io.remitflow.claims.Payers;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.UserId;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.remittance.RemittancePosting.Released;
import io.remitflow.remittance.RemittanceRows.Sums;
import io.remitflow.workflow.Timeline;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Decides once more about answers that wait in suspense, with the rules by which every answer is posted, and moves the
 * money of those that fit now to where posting puts it.
 *
 * <p>Answers of one remittance to one claim are decided together, in their order.
 */
@Component
class HeldClaimPosting {

    private final JdbcClient jdbc;
    private final RemittanceRows rows;
    private final ClaimResolution resolution;
    private final EarlierAnswers earlier;
    private final RemittancePosting posting;
    private final FurtherPayers furtherPayers;
    private final Claims claims;
    private final PatientAccounts accounts;
    private final Payers payers;
    private final Timeline timeline;
    private final AuditLog audit;
    private final Clock clock;

    HeldClaimPosting(
            JdbcClient jdbc,
            RemittanceRows rows,
            ClaimResolution resolution,
            EarlierAnswers earlier,
            RemittancePosting posting,
            FurtherPayers furtherPayers,
            Claims claims,
            PatientAccounts accounts,
            Payers payers,
            Timeline timeline,
            AuditLog audit,
            Clock clock) {
        this.jdbc = jdbc;
        this.rows = rows;
        this.resolution = resolution;
        this.earlier = earlier;
        this.posting = posting;
        this.furtherPayers = furtherPayers;
        this.claims = claims;
        this.accounts = accounts;
        this.payers = payers;
        this.timeline = timeline;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * What a person said about an answer.
     *
     * @param despite even if the answer names another patient or charge than that claim
     */
    record Assignment(UUID claimId, String reason, boolean despite) {}

    /**
     * @param answers as the file has them, in their order: all of them assigned to one claim, or none of them
     * @param assignment null to find the claim by its number, or as it was assigned before
     * @return how many left suspense
     * @throws RuleViolation if nothing of them may be posted the way a person wants it; then nothing has changed
     */
    @Transactional
    public int post(UUID remittanceId, List<EraClaim> answers, @Nullable Assignment assignment) {
        Posted remittance = lock(remittanceId);
        Optional<Claim> known = claim(remittanceId, answers, assignment);
        if (known.isEmpty()) {
            return 0;
        }
        Claim claim = known.get();
        // The order of every posting: first the accounts, then what waits for them.
        posting.lockAccount(claim.id(), claim.accountId());
        PatientAccount owner = accounts.get(claim.accountId());
        Map<Integer, Waiting> waiting = new HashMap<>();
        lockWaiting(remittanceId, answers).forEach(row -> waiting.put(row.position(), row));
        Set<String> accepted = payers.acceptedAdjustments(remittance.payerId());
        List<UUID> decided = new ArrayList<>();
        List<UUID> posted = new ArrayList<>();
        for (EraClaim answer : answers) {
            Waiting row = waiting.get(answer.index());
            if (row == null) {
                continue;
            }
            ResolvedClaim resolved = resolve(answer, row, claim, owner, remittance, accepted, assignment);
            note(row, resolved, assignment);
            if (resolved.treatment() != ClaimTreatment.HELD) {
                decided.add(row.id());
            }
            if (resolved.treatment() == ClaimTreatment.POSTED) {
                posted.add(row.id());
            }
        }
        if (decided.isEmpty()) {
            return 0;
        }
        if (!posted.isEmpty()) {
            earlier.forget(new PostedPart(remittanceId, posted));
            markPosted(posted);
            earlier.compare(new PostedPart(remittanceId, posted));
        }
        return release(remittanceId, remittance, settled(decided));
    }

    private int release(UUID remittanceId, Posted remittance, List<UUID> settled) {
        if (settled.isEmpty()) {
            return 0;
        }
        var part = new PostedPart(remittanceId, settled);
        Sums sums = rows.sums(part);
        UUID entry = posting.release(part, remittance.released(), sums);
        UserId person = CurrentUser.find().orElse(null);
        part.bind(jdbc.sql("""
                        update billing_remittance_claims c
                        set released_at = :now, released_by = :by, release_entry_id = :entry, look_again = false
                        where %s
                        """.formatted(part.where("c"))))
                .param("now", Timestamp.from(clock.instant()))
                .param("by", person == null ? null : person.value(), Types.OTHER)
                .param("entry", entry, Types.OTHER)
                .update();
        furtherPayers.tell(part);
        rows.totalsAfterRelease(remittanceId);
        rows.lookAgain(part);
        long paid = paidMinor(part);
        timeline.add(
                RemittanceReviews.SUBJECT,
                remittanceId,
                person,
                "Held claim posted",
                "%,d of its claims left suspense with %s %s"
                        .formatted(settled.size(), Amounts.format(paid, remittance.currency()), remittance.currency()));
        audit.record(
                "remittance.held-claim-posted",
                RemittanceReviews.SUBJECT,
                remittanceId.toString(),
                Map.of(
                        "claims",
                        settled.stream().map(UUID::toString).toList().toString(),
                        "paidMinor",
                        paid,
                        "entry",
                        String.valueOf(entry)));
        return settled.size();
    }

    private ResolvedClaim resolve(
            EraClaim answer,
            Waiting row,
            Claim claim,
            PatientAccount owner,
            Posted remittance,
            Set<String> accepted,
            @Nullable Assignment assignment) {
        if (assignment == null) {
            return row.assigned()
                    ? resolution.assigned(answer, claim, owner, remittance.currency(), accepted)
                    : resolution.resolve(answer, claim, owner, remittance.currency(), accepted);
        }
        ResolvedClaim resolved = assignment.despite()
                ? resolution.assigned(answer, claim, owner, remittance.currency(), accepted)
                : resolution.resolve(answer, claim, owner, remittance.currency(), accepted);
        if (resolved.treatment() == ClaimTreatment.HELD) {
            throw new RuleViolation(Refusal.HELD_CLAIM_NOT_POSTABLE, Objects.requireNonNull(resolved.reason()));
        }
        return resolved;
    }

    /** What was found out, while the row still waits. */
    private void note(Waiting row, ResolvedClaim resolved, @Nullable Assignment assignment) {
        UserId person = CurrentUser.find().orElse(null);
        ClaimTreatment until =
                resolved.treatment() == ClaimTreatment.NOT_POSTED ? ClaimTreatment.NOT_POSTED : ClaimTreatment.HELD;
        for (EraServiceLine line : resolved.assessment().claim().lines()) {
            Optional<LineMatch> match = resolved.lineOf(line);
            jdbc.sql("""
                            update billing_remittance_service_lines set claim_line_position = :ours, matched_by = :by
                            where org_id = :org and remittance_claim_id = :id and position = :position
                              and (claim_line_position is distinct from :ours or matched_by is distinct from :by)
                            """)
                    .param("ours", match.map(LineMatch::position).orElse(null), Types.INTEGER)
                    .param("by", match.map(each -> each.by().column()).orElse(null), Types.VARCHAR)
                    .param("org", organization())
                    .param("id", row.id())
                    .param("position", line.index())
                    .update();
        }
        jdbc.sql("""
                        update billing_remittance_claims
                        set treatment = :treatment, reason = coalesce(:reason, reason), claim_id = :claim,
                            account_id = :account, look_again = false
                        where org_id = :org and id = :id
                        """)
                .param("treatment", until.column())
                .param("reason", resolved.reason(), Types.VARCHAR)
                .param("claim", resolved.claimId())
                .param("account", resolved.accountId())
                .param("org", organization())
                .param("id", row.id())
                .update();
        if (assignment != null) {
            jdbc.sql("""
                            update billing_remittance_claims
                            set assigned_at = :now, assigned_by = :by, assigned_reason = :reason
                            where org_id = :org and id = :id
                            """)
                    .param("now", Timestamp.from(clock.instant()))
                    .param("by", person == null ? null : person.value(), Types.OTHER)
                    .param("reason", assignment.reason())
                    .param("org", organization())
                    .param("id", row.id())
                    .update();
            timeline.add(
                    RemittanceReviews.SUBJECT,
                    row.remittanceId(),
                    person,
                    "Held claim assigned",
                    "Claim number %,d of it: %s".formatted(row.position(), assignment.reason()));
            audit.record(
                    "remittance.held-claim-assigned",
                    RemittanceReviews.SUBJECT,
                    row.remittanceId().toString(),
                    Map.of(
                            "heldClaim",
                            row.id().toString(),
                            "claim",
                            assignment.claimId().toString(),
                            "despite",
                            assignment.despite(),
                            "reason",
                            assignment.reason()));
        }
    }

    private void markPosted(List<UUID> ids) {
        jdbc.sql("""
                        update billing_remittance_claims set treatment = 'posted', reason = null
                        where org_id = :org and id = any(:ids)
                        """)
                .param("org", organization())
                .param("ids", ids.toArray(UUID[]::new))
                .update();
    }

    /** Those that are not held once more. */
    private List<UUID> settled(List<UUID> ids) {
        return jdbc.sql("""
                        select id from billing_remittance_claims
                        where org_id = :org and id = any(:ids) and treatment <> 'held' order by position
                        """)
                .param("org", organization())
                .param("ids", ids.toArray(UUID[]::new))
                .query(UUID.class)
                .list();
    }

    private long paidMinor(PostedPart part) {
        return part.bind(jdbc.sql("select coalesce(sum(c.paid_amount), 0) from billing_remittance_claims c where "
                        + part.where("c")))
                .query(Long.class)
                .single();
    }

    private Optional<Claim> claim(UUID remittanceId, List<EraClaim> answers, @Nullable Assignment assignment) {
        if (assignment != null) {
            return Optional.of(claims.get(assignment.claimId()));
        }
        Optional<UUID> assigned = jdbc.sql("""
                        select claim_id from billing_remittance_claims
                        where org_id = :org and remittance_id = :remittance and position in (:positions)
                          and treatment in ('held', 'unidentified') and assigned_at is not null
                        order by position limit 1
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .param("positions", answers.stream().map(EraClaim::index).toList())
                .query(UUID.class)
                .optional();
        return assigned.map(claims::get)
                .or(() -> claims.byControlNumber(answers.getFirst().controlNumber()));
    }

    private List<Waiting> lockWaiting(UUID remittanceId, List<EraClaim> answers) {
        return jdbc.sql("""
                        select id, remittance_id, position, assigned_at is not null as assigned
                        from billing_remittance_claims
                        where org_id = :org and remittance_id = :remittance and position in (:positions)
                          and treatment in ('held', 'unidentified')
                        order by id for no key update
                        """)
                .param("org", organization())
                .param("remittance", remittanceId)
                .param("positions", answers.stream().map(EraClaim::index).toList())
                .query(Waiting.class)
                .list();
    }

    /** Nobody takes the remittance back meanwhile. */
    private Posted lock(UUID remittanceId) {
        String hash = jdbc.sql("select content_hash from billing_remittances where org_id = :org and id = :id")
                .param("org", organization())
                .param("id", remittanceId)
                .query(String.class)
                .single();
        rows.lock("content", hash);
        return jdbc.sql("""
                        select trace_number, payer_id, payer_identifier, currency, payment_date from billing_remittances
                        where org_id = :org and id = :id and state = 'posted' for no key update
                        """)
                .param("org", organization())
                .param("id", remittanceId)
                .query(Posted.class)
                .optional()
                .orElseThrow(() ->
                        new RuleViolation(Refusal.HELD_CLAIM_NOT_POSTABLE, "its remittance was taken back meanwhile"));
    }

    private static UUID organization() {
        return CurrentOrganization.id().value();
    }

    record Posted(
            String traceNumber,
            @Nullable UUID payerId,
            String payerIdentifier,
            String currency,
            @Nullable LocalDate paymentDate) {

        Released released() {
            return new Released(traceNumber, payerIdentifier, currency, paymentDate);
        }
    }

    record Waiting(UUID id, UUID remittanceId, int position, boolean assigned) {}
}
