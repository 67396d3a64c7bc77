package io.remitflow.claims.web;

import io.remitflow.claims.Denial;
import io.remitflow.claims.DenialChoice;
import io.remitflow.claims.DenialFilter;
import io.remitflow.claims.DenialReason;
import io.remitflow.claims.DenialReopening;
import io.remitflow.claims.DenialRound;
import io.remitflow.claims.DenialStatus;
import io.remitflow.claims.DenialSteps;
import io.remitflow.claims.DenialWork;
import io.remitflow.claims.Denials;
import io.remitflow.claims.RepeatedClaim;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.swagger.v3.oas.annotations.Operation;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/billing/denials")
class DenialResource {

    private final Denials denials;
    private final DenialWork work;
    private final DenialReopening reopening;
    private final DenialTasks tasks;

    DenialResource(Denials denials, DenialWork work, DenialReopening reopening, DenialTasks tasks) {
        this.denials = denials;
        this.work = work;
        this.reopening = reopening;
        this.tasks = tasks;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('denials.view')")
    Page list(
            @RequestParam(name = "class", required = false) @Nullable String denialClass,
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(required = false) @Nullable UUID payerId,
            @RequestParam(required = false) @Nullable UUID claimId,
            @RequestParam(required = false) @Nullable Integer limitWithinDays,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        DenialStatus wanted = status(status);
        var filter = new DenialFilter(
                denialClass,
                wanted == DenialStatus.CLOSED ? null : wanted,
                wanted == DenialStatus.CLOSED,
                payerId,
                claimId,
                null,
                limitWithinDays,
                after,
                limit);
        List<DenialView> items =
                denials.list(filter).stream().map(DenialView::of).toList();
        return new Page(
                items, items.size() < filter.limit() ? null : items.getLast().id());
    }

    @GetMapping("/totals")
    @PreAuthorize("hasAuthority('denials.view')")
    List<TotalView> totals() {
        return denials.totals(DenialFilter.open()).stream()
                .map(total -> new TotalView(
                        total.denialClass(),
                        total.count(),
                        plain(total.open()),
                        total.aging().stream().map(DenialResource::plain).toList(),
                        total.limitSoon()))
                .toList();
    }

    @GetMapping("/{id}")
    @PreAuthorize("hasAuthority('denials.view')")
    CaseView get(@PathVariable UUID id) {
        return new CaseView(
                DenialView.of(denials.get(id)),
                denials.reasons(id).stream().map(ReasonView::of).toList(),
                Optional.ofNullable(denials.mayRepeat(List.of(id)).get(id))
                        .map(RepeatedClaim::controlNumber)
                        .orElse(null),
                reopening.rounds(id).stream().map(RoundView::of).toList());
    }

    @PostMapping("/{id}/decision")
    @PreAuthorize("hasAuthority('denials.work')")
    DenialView decide(@PathVariable UUID id, @RequestBody @Valid DecisionBody body) {
        denials.get(id);
        DenialChoice choice = DenialChoice.ofKey(body.choice()).orElseThrow();
        work.choose(id, tasks.require(denials.get(id), DenialSteps.WORK, null).key(), choice);
        return DenialView.of(denials.get(id));
    }

    @PostMapping("/{id}/sending")
    @PreAuthorize("hasAuthority('denials.work')")
    DenialView send(@PathVariable UUID id, @RequestBody @Valid SendingBody body) {
        work.send(
                id,
                tasks.require(denials.get(id), preparing(denials.get(id)), null).key(),
                body.reference());
        return DenialView.of(denials.get(id));
    }

    @PostMapping("/{id}/reopening")
    @PreAuthorize("hasAuthority('denials.work')")
    @Operation(summary = "Open a closed denial again; what had been billed to the patient is the payer's again")
    DenialView reopen(@PathVariable UUID id, @RequestBody @Valid ReopeningBody body) {
        reopening.reopen(id, body.reason());
        return DenialView.of(denials.get(id));
    }

    /** The task in which something is prepared for the payer. */
    static String preparing(Denial denial) {
        return denial.status() == DenialStatus.APPEALING ? DenialSteps.APPEAL : DenialSteps.CORRECT;
    }

    static @Nullable DenialStatus status(@Nullable String key) {
        try {
            return key == null || key.isBlank() ? null : DenialStatus.ofKey(key);
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "unknown status");
        }
    }

    private static String plain(Money amount) {
        return amount.getAmount().toPlainString();
    }

    record Page(List<DenialView> items, @Nullable UUID next) {}

    record DecisionBody(
            @NotBlank @Pattern(regexp = "correct|appeal|write_off|bill_patient|close") String choice) {}

    record SendingBody(@NotBlank @Size(max = 50) String reference) {}

    record TotalView(String denialClass, long count, String open, List<String> aging, long limitSoon) {}

    record ReopeningBody(@NotBlank @Size(max = 300) String reason) {}

    /** @param mayRepeat our number of the other claim whose duplicate (18) it may be */
    record CaseView(
            DenialView denial,
            List<ReasonView> reasons,
            @Nullable String mayRepeat,
            List<RoundView> earlierRounds) {}

    record RoundView(
            int round,
            String closing,
            @Nullable String evidence,
            Instant closedAt,
            Instant reopenedAt,
            String reopenedBecause,
            String reason) {

        static RoundView of(DenialRound round) {
            return new RoundView(
                    round.round(),
                    round.closing().key(),
                    round.evidence(),
                    round.closedAt(),
                    round.reopenedAt(),
                    round.reopening().because().key(),
                    round.reopening().reason());
        }
    }

    record ReasonView(
            @Nullable Integer line,
            @Nullable String procedure,
            String group,
            String code,
            String text,
            String remarks,
            long amountMinor) {

        static ReasonView of(DenialReason reason) {
            return new ReasonView(
                    reason.line(),
                    reason.procedure(),
                    reason.group(),
                    reason.code(),
                    reason.text(),
                    reason.remarks(),
                    reason.amountMinor());
        }
    }

    record DenialView(
            UUID id,
            String number,
            UUID claimId,
            String claimControlNumber,
            UUID accountId,
            UUID payerId,
            UUID remittanceId,
            @Nullable UUID previousId,
            int level,
            boolean underpaid,
            int round,
            LocalDate deniedOn,
            String denied,
            String open,
            String currency,
            String status,
            String step,
            @Nullable String denialClass,
            @Nullable Boolean appealable,
            LocalDate appealLimitOn,
            @Nullable Instant expiredAt,
            @Nullable LocalDate sentOn,
            Instant openedAt,
            @Nullable Instant closedAt,
            @Nullable String closing,
            @Nullable String evidence) {

        static DenialView of(Denial denial) {
            Denial.Triage triage = denial.triage();
            Denial.Sending sent = denial.sent();
            var closing = denial.closing();
            return new DenialView(
                    denial.id(),
                    denial.number(),
                    denial.claimId(),
                    denial.controlNumber(),
                    denial.accountId(),
                    denial.payerId(),
                    denial.remittanceId(),
                    denial.previousId(),
                    denial.level(),
                    denial.underpaid(),
                    denial.round(),
                    denial.deniedOn(),
                    plain(denial.denied()),
                    plain(denial.open()),
                    denial.denied().getCurrencyUnit().getCode(),
                    denial.status().key(),
                    denial.step(),
                    triage == null ? null : triage.denialClass(),
                    triage == null ? null : triage.appealable(),
                    denial.appealLimitOn(),
                    denial.expiredAt(),
                    sent == null ? null : sent.on(),
                    denial.openedAt(),
                    denial.closedAt(),
                    closing == null ? null : closing.key(),
                    denial.evidence());
        }
    }
}
