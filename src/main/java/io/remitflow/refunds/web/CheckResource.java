package io.remitflow.refunds.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.refunds.RefundCheck;
import io.remitflow.refunds.RefundChecks;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/billing/refunds/checks")
class CheckResource {

    private final RefundChecks checks;

    CheckResource(RefundChecks checks) {
        this.checks = checks;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('refunds.view')")
    Page list(
            @RequestParam(required = false) @Nullable String state,
            @RequestParam(defaultValue = "false") boolean outstanding,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        List<CheckView> items = checks
                .list(state == null || state.isBlank() ? null : CheckController.state(state), outstanding, after, limit)
                .stream()
                .map(CheckView::of)
                .toList();
        return new Page(
                items,
                items.size() < limit || items.isEmpty() ? null : items.getLast().id());
    }

    @GetMapping("/{id}")
    @PreAuthorize("hasAuthority('refunds.view')")
    CheckView get(@PathVariable UUID id) {
        return CheckView.of(checks.get(id));
    }

    @PostMapping(path = "/{id}/print", produces = MediaType.APPLICATION_PDF_VALUE)
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    ResponseEntity<byte[]> print(@PathVariable UUID id) {
        return AchController.download(
                "check-%s.pdf".formatted(checks.get(id).reference()), MediaType.APPLICATION_PDF, checks.print(id));
    }

    @PostMapping("/{id}/void")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    CheckView voidCheck(@PathVariable UUID id, @RequestBody @Valid ReasonBody body) {
        checks.voidCheck(id, body.version(), body.words());
        return CheckView.of(checks.get(id));
    }

    @PostMapping("/{id}/stop")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    CheckView stop(@PathVariable UUID id, @RequestBody @Valid ReasonBody body) {
        checks.stop(id, body.version(), body.words());
        return CheckView.of(checks.get(id));
    }

    /** Answers with the check that takes its place. */
    @PostMapping("/{id}/reissue")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    ResponseEntity<CheckView> reissue(@PathVariable UUID id, @RequestBody @Valid ReasonBody body) {
        UUID next = checks.reissue(id, body.version(), body.words());
        return ResponseEntity.created(URI.create("/billing/refunds/checks/" + next))
                .body(CheckView.of(checks.get(next)));
    }

    @PostMapping("/{id}/clearing")
    @PreAuthorize("hasAuthority('refunds.pay-out')")
    CheckView cleared(@PathVariable UUID id, @RequestBody @Valid ClearingBody body) {
        checks.get(id);
        LocalDate date = body.date();
        if (date == null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say on which day the bank paid it");
        }
        checks.markCleared(id, body.version(), date);
        return CheckView.of(checks.get(id));
    }

    record Page(List<CheckView> items, @Nullable UUID next) {}

    record ReasonBody(
            int version, @Nullable @Size(max = 500) String reason) {

        String words() {
            return Objects.requireNonNullElse(reason, "");
        }
    }

    record ClearingBody(int version, @Nullable LocalDate date) {}

    record CheckView(
            UUID id,
            String number,
            @Nullable UUID refundId,
            @Nullable UUID creditReturnId,
            UUID accountId,
            String amount,
            String currency,
            LocalDate issuedOn,
            String state,
            @Nullable String reason,
            int printed,
            @Nullable UUID replaces,
            @Nullable LocalDate clearedOn,
            int version) {

        static CheckView of(RefundCheck check) {
            return new CheckView(
                    check.id(),
                    check.reference(),
                    check.refundId(),
                    check.creditReturnId(),
                    check.accountId(),
                    check.amount().getAmount().toPlainString(),
                    check.amount().getCurrencyUnit().getCode(),
                    check.issuedOn(),
                    check.state().key(),
                    check.stateReason(),
                    check.printed(),
                    check.replacesId(),
                    check.clearedOn(),
                    check.version());
        }
    }
}
