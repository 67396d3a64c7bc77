package io.remitflow.discrepancies.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.discrepancies.Discrepancies;
import io.remitflow.discrepancies.Discrepancy;
import io.remitflow.discrepancies.DiscrepancyAction;
import io.remitflow.discrepancies.DiscrepancyFilter;
import io.remitflow.discrepancies.DiscrepancyResolution;
import io.remitflow.discrepancies.DiscrepancyStatus;
import io.remitflow.discrepancies.DiscrepancyType;
import io.remitflow.identity.UserId;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/billing/reconciliation/discrepancies")
class DiscrepancyResource {

    private final Discrepancies discrepancies;

    DiscrepancyResource(Discrepancies discrepancies) {
        this.discrepancies = discrepancies;
    }

    /** All statuses unless one is asked for. */
    @GetMapping
    @PreAuthorize("hasAuthority('reconciliation.view')")
    Page list(
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(required = false) @Nullable String type,
            @RequestParam(required = false) @Nullable UUID assigneeId,
            @RequestParam(required = false) @Nullable UUID runId,
            @RequestParam(defaultValue = "false") boolean overdue,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        var filter = new DiscrepancyFilter(
                status(status),
                false,
                type(type),
                assigneeId == null ? null : new UserId(assigneeId),
                overdue,
                runId,
                after,
                limit);
        List<DiscrepancyView> items =
                discrepancies.list(filter).stream().map(DiscrepancyView::of).toList();
        return new Page(
                items, items.size() < filter.limit() ? null : items.getLast().id());
    }

    @GetMapping("/{discrepancyId}")
    @PreAuthorize("hasAuthority('reconciliation.view')")
    CaseView get(@PathVariable UUID discrepancyId) {
        return new CaseView(
                DiscrepancyView.of(discrepancies.get(discrepancyId)),
                discrepancies.actions(discrepancyId).stream()
                        .map(ActionView::of)
                        .toList());
    }

    @PatchMapping("/{discrepancyId}/acknowledge")
    @PreAuthorize("hasAuthority('reconciliation.manage')")
    DiscrepancyView acknowledge(@PathVariable UUID discrepancyId) {
        discrepancies.acknowledge(discrepancyId);
        return DiscrepancyView.of(discrepancies.get(discrepancyId));
    }

    @PatchMapping("/{discrepancyId}/assign")
    @PreAuthorize("hasAuthority('reconciliation.manage')")
    DiscrepancyView assign(@PathVariable UUID discrepancyId, @RequestBody @Valid AssignBody body) {
        UUID assignee = body.assigneeId();
        discrepancies.assign(discrepancyId, assignee == null ? null : new UserId(assignee));
        return DiscrepancyView.of(discrepancies.get(discrepancyId));
    }

    @PostMapping("/{discrepancyId}/notes")
    @PreAuthorize("hasAuthority('reconciliation.manage')")
    CaseView note(@PathVariable UUID discrepancyId, @RequestBody @Valid NoteBody body) {
        discrepancies.note(discrepancyId, body.note());
        return get(discrepancyId);
    }

    @PatchMapping("/{discrepancyId}/resolve")
    @PreAuthorize("hasAuthority('reconciliation.manage')")
    DiscrepancyView resolve(@PathVariable UUID discrepancyId, @RequestBody @Valid ResolveBody body) {
        String chosen = body.resolution();
        discrepancies.resolve(
                discrepancyId,
                chosen == null
                        ? DiscrepancyResolution.EXPLAINED
                        : DiscrepancyResolution.ofKey(chosen).orElseThrow(),
                body.reason(),
                body.adjustmentNumber());
        return DiscrepancyView.of(discrepancies.get(discrepancyId));
    }

    @PatchMapping("/{discrepancyId}/reopen")
    @PreAuthorize("hasAuthority('reconciliation.manage')")
    DiscrepancyView reopen(@PathVariable UUID discrepancyId, @RequestBody @Valid ReopenBody body) {
        discrepancies.reopen(discrepancyId, body.reason());
        return DiscrepancyView.of(discrepancies.get(discrepancyId));
    }

    static @Nullable DiscrepancyStatus status(@Nullable String key) {
        return key == null || key.isBlank()
                ? null
                : DiscrepancyStatus.ofKey(key)
                        .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "unknown status"));
    }

    static @Nullable DiscrepancyType type(@Nullable String key) {
        return key == null || key.isBlank()
                ? null
                : DiscrepancyType.ofKey(key)
                        .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "unknown type"));
    }

    record Page(List<DiscrepancyView> items, @Nullable UUID next) {}

    /** No id: to nobody. */
    record AssignBody(@Nullable UUID assigneeId) {}

    record NoteBody(@NotBlank @Size(max = 1000) String note) {}

    record ResolveBody(
            @Nullable @Pattern(regexp = "explained|provider_corrected|corrected") String resolution,

            @NotBlank @Size(max = 1000) String reason,
            @Nullable @Size(max = 40) String adjustmentNumber) {}

    record ReopenBody(@NotBlank @Size(max = 1000) String reason) {}

    record CaseView(DiscrepancyView discrepancy, List<ActionView> actions) {}

    record ActionView(String action, @Nullable UUID actorId, String detail, Instant at) {

        static ActionView of(DiscrepancyAction action) {
            UserId actor = action.actor();
            return new ActionView(action.action(), actor == null ? null : actor.value(), action.detail(), action.at());
        }
    }

    record DiscrepancyView(
            UUID id,
            String number,
            String type,
            String status,
            String subjectKey,
            @Nullable UUID subjectId,
            String reference,
            String difference,
            long differenceMinor,
            String currency,
            LocalDate occurredOn,
            UUID firstRunId,
            UUID lastRunId,
            @Nullable Integer priority,
            @Nullable String ownerGroup,
            @Nullable Instant dueAt,
            @Nullable Instant escalatedAt,
            @Nullable UUID assigneeId,
            @Nullable Instant acknowledgedAt,
            @Nullable String resolution,
            @Nullable String resolutionReason,
            @Nullable String adjustmentNumber,
            @Nullable Instant resolvedAt,
            int round,
            Instant openedAt) {

        static DiscrepancyView of(Discrepancy discrepancy) {
            var triage = discrepancy.triage();
            var resolved = discrepancy.resolved();
            UserId assignee = discrepancy.assignee();
            return new DiscrepancyView(
                    discrepancy.id(),
                    discrepancy.number(),
                    discrepancy.type().key(),
                    discrepancy.status().key(),
                    discrepancy.subjectKey(),
                    discrepancy.subjectId(),
                    discrepancy.reference(),
                    discrepancy.difference().getAmount().toPlainString(),
                    discrepancy.difference().getAmountMinorLong(),
                    discrepancy.difference().getCurrencyUnit().getCode(),
                    discrepancy.occurredOn(),
                    discrepancy.firstFoundBy(),
                    discrepancy.lastFoundBy(),
                    triage == null ? null : triage.priority(),
                    triage == null ? null : triage.ownerGroup(),
                    triage == null ? null : triage.dueAt(),
                    discrepancy.escalatedAt(),
                    assignee == null ? null : assignee.value(),
                    discrepancy.acknowledgedAt(),
                    resolved == null ? null : resolved.resolution().key(),
                    resolved == null ? null : resolved.reason(),
                    resolved == null ? null : resolved.adjustmentNumber(),
                    resolved == null ? null : resolved.at(),
                    discrepancy.round(),
                    discrepancy.openedAt());
        }
    }
}
