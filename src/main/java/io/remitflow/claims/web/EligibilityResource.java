package io.remitflow.claims.web;

import io.remitflow.claims.EligibilityChecks;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Whether patients are covered, asked at the payer. */
@RestController
@RequestMapping("/billing/eligibility")
class EligibilityResource {

    private static final int RECENT = 100;

    private final EligibilityChecks checks;

    EligibilityResource(EligibilityChecks checks) {
        this.checks = checks;
    }

    /** Newest first: the last 10 of an account, or the last 100 of all. */
    @GetMapping
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    List<CheckView> list(@RequestParam(required = false) @Nullable UUID accountId) {
        return (accountId == null ? checks.recent(RECENT) : checks.ofAccount(accountId))
                .stream().map(CheckView::of).toList();
    }

    @GetMapping("/{id}")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    CheckView get(@PathVariable UUID id) {
        return CheckView.of(checks.get(id));
    }

    /** Asks now, which may take a minute; no answer is an answer too, with the state failed. */
    @PostMapping
    @PreAuthorize("hasAuthority('patient-accounts.manage')")
    ResponseEntity<CheckView> ask(@RequestBody @Valid QuestionBody body) {
        var check = checks.ask(
                body.accountId(),
                body.payerId(),
                "x12".equals(body.askedAs()) ? EligibilityChecks.Form.X12 : EligibilityChecks.Form.FORM);
        return ResponseEntity.created(URI.create("/billing/eligibility/" + check.id()))
                .body(CheckView.of(check));
    }

    /** @param askedAs form, or x12 for a 270 */
    record QuestionBody(
            @NotNull UUID accountId,
            @NotNull UUID payerId,
            @Nullable @Pattern(regexp = "form|x12") String askedAs) {}

    record CheckView(
            UUID id,
            UUID accountId,
            UUID payerId,
            String payerName,
            LocalDate serviceDate,
            String askedAs,
            String state,
            @Nullable String summary,
            Instant requestedAt,
            @Nullable Instant answeredAt) {

        static CheckView of(EligibilityChecks.Check check) {
            return new CheckView(
                    check.id(),
                    check.accountId(),
                    check.payerId(),
                    check.payer(),
                    check.serviceDate(),
                    check.askedAs().key(),
                    check.state(),
                    check.summary(),
                    check.requestedAt(),
                    check.answeredAt());
        }
    }
}
