package io.remitflow.remittance.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.remittance.HeldClaim;
import io.remitflow.remittance.HeldClaimFilter;
import io.remitflow.remittance.HeldClaims;
import io.remitflow.remittance.HeldReason;
import io.remitflow.remittance.web.RemittancesResource.AmountJson;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Answers in suspense; what is asked of one that is not held any more is refused. */
@RestController
@RequestMapping("/billing/held-claims")
@PreAuthorize("hasAuthority('remittances.view')")
@Tag(name = "Held claims")
class HeldClaimsResource {

    /** Who overrules the comparison of name and charge answers for it. */
    static final String MAY_ASSIGN =
            "hasAuthority('remittances.receive') and (!#despite or hasAuthority('remittances.confirm'))";

    private static final int MAXIMUM_PAGE = 200;
    private static final int MAXIMUM_DAYS = 36_500;

    private final HeldClaims held;

    HeldClaimsResource(HeldClaims held) {
        this.held = held;
    }

    @GetMapping
    @Operation(
            summary =
                    "Claims of posted remittances whose money is in suspense, the oldest first, with totals by reason")
    ListJson list(
            @RequestParam(required = false) @Nullable String reason,
            @RequestParam(required = false) @Nullable String payer,
            @RequestParam(required = false) @Nullable Integer olderThan,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        int size = Math.clamp(limit, 1, MAXIMUM_PAGE);
        var filter = new HeldClaimFilter(reason(reason), payer, days(olderThan));
        List<HeldClaim> page = held.list(filter, after, size + 1);
        boolean more = page.size() > size;
        List<HeldClaim> shown = more ? page.subList(0, size) : page;
        return new ListJson(
                shown.stream().map(HeldClaimJson::of).toList(),
                held.totals(filter).stream()
                        .map(total -> new TotalJson(total.kind().key(), total.count(), AmountJson.of(total.amount())))
                        .toList(),
                more ? shown.getLast().id() : null);
    }

    @GetMapping("/{id}")
    @Operation(summary = "One of them, also after it left suspense")
    HeldClaimJson get(@PathVariable UUID id) {
        return HeldClaimJson.of(held.get(id));
    }

    @GetMapping("/{id}/candidates")
    @Operation(
            summary = "Claims of ours that may be meant",
            description =
                    "By the beginning of a control number, account number or payer's name; without a text those of "
                            + "the same day and charge")
    List<CandidateJson> candidates(@PathVariable UUID id, @RequestParam(defaultValue = "") String search) {
        return held.candidates(id, search).stream().map(CandidateJson::of).toList();
    }

    @PostMapping("/{id}/assignment")
    @PreAuthorize(
            "hasAuthority('remittances.receive') and (!#assignment.despite or hasAuthority('remittances.confirm'))")
    @Operation(
            summary = "Say which claim it belongs to; its money leaves suspense as posting would have put it",
            description = "despite: even if it names another patient or charge, which needs remittances.confirm")
    HeldClaimJson assign(@PathVariable UUID id, @RequestBody AssignmentJson assignment) {
        return HeldClaimJson.of(held.assign(
                id,
                Objects.requireNonNullElse(assignment.controlNumber(), ""),
                Objects.requireNonNullElse(assignment.reason(), ""),
                assignment.despite()));
    }

    @PostMapping("/{id}/attempt")
    @PreAuthorize("hasAuthority('remittances.receive')")
    @Operation(summary = "Try to post it again; if it stays held, the answer says why")
    HeldClaimJson tryAgain(@PathVariable UUID id) {
        return HeldClaimJson.of(held.tryAgain(id));
    }

    @PutMapping("/{id}/note")
    @PreAuthorize("hasAuthority('remittances.receive')")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Note why it stays in suspense; no money moves")
    void note(@PathVariable UUID id, @RequestBody NoteJson note) {
        held.note(id, Objects.requireNonNullElse(note.text(), ""));
    }

    static @Nullable HeldReason reason(@Nullable String text) {
        return text == null || text.isBlank()
                ? null
                : Arrays.stream(HeldReason.values())
                        .filter(reason -> reason.key().equals(text.strip().toLowerCase(Locale.ROOT)))
                        .findFirst()
                        .orElseThrow(() -> new RuleViolation(
                                Refusal.INVALID_INPUT,
                                "a reason is one of "
                                        + Arrays.stream(HeldReason.values())
                                                .map(HeldReason::key)
                                                .collect(Collectors.joining(", "))));
    }

    static @Nullable Integer days(@Nullable Integer olderThan) {
        if (olderThan != null && (olderThan < 0 || olderThan > MAXIMUM_DAYS)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "an age is between 0 and %,d days".formatted(MAXIMUM_DAYS));
        }
        return olderThan;
    }

    record AssignmentJson(
            @Nullable String controlNumber, @Nullable String reason, boolean despite) {}

    record NoteJson(@Nullable String text) {}

    record ListJson(
            List<HeldClaimJson> claims,
            List<TotalJson> totals,
            @Nullable UUID next) {}

    record TotalJson(String reason, long count, AmountJson amount) {}

    record HeldClaimJson(
            UUID id,
            UUID remittanceId,
            String traceNumber,
            String payerName,
            int position,
            String controlNumber,
            String payerClaimNumber,
            String statusCode,
            @Nullable LocalDate serviceFrom,
            AmountJson charged,
            AmountJson paid,
            String treatment,
            String reason,
            @Nullable String reasonText,
            Instant since,
            long ageDays,
            @Nullable UUID claimId,
            @Nullable UUID accountId,
            @Nullable String note,
            @Nullable Instant releasedAt) {

        static HeldClaimJson of(HeldClaim claim) {
            return new HeldClaimJson(
                    claim.id(),
                    claim.remittanceId(),
                    claim.traceNumber(),
                    claim.payerName(),
                    claim.position(),
                    claim.controlNumber(),
                    claim.payerClaimNumber(),
                    claim.statusCode(),
                    claim.serviceFrom(),
                    AmountJson.of(claim.charged()),
                    AmountJson.of(claim.paid()),
                    claim.treatment().name().toLowerCase(Locale.ROOT),
                    claim.kind().key(),
                    claim.reason(),
                    claim.since(),
                    claim.ageDays(),
                    claim.claimId(),
                    claim.accountId(),
                    claim.note(),
                    claim.releasedAt());
        }
    }

    record CandidateJson(
            UUID claimId,
            String controlNumber,
            UUID accountId,
            String accountNumber,
            String payerName,
            LocalDate serviceFrom,
            AmountJson charged,
            AmountJson open,
            boolean sameCharge) {

        static CandidateJson of(HeldClaim.Candidate claim) {
            return new CandidateJson(
                    claim.id(),
                    claim.controlNumber(),
                    claim.accountId(),
                    claim.accountNumber(),
                    claim.payerName(),
                    claim.serviceFrom(),
                    AmountJson.of(claim.charged()),
                    AmountJson.of(claim.open()),
                    claim.sameCharge());
        }
    }
}
