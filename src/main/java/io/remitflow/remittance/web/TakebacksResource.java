package io.remitflow.remittance.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.refunds.PayerCredit;
import io.remitflow.remittance.Takeback;
import io.remitflow.remittance.TakebackDetail;
import io.remitflow.remittance.TakebackFilter;
import io.remitflow.remittance.TakebackFilter.Status;
import io.remitflow.remittance.TakebackKind;
import io.remitflow.remittance.TakebackProblem;
import io.remitflow.remittance.TakebackResolution;
import io.remitflow.remittance.TakebackResolutions;
import io.remitflow.remittance.TakebackStep;
import io.remitflow.remittance.TakebackTotals;
import io.remitflow.remittance.Takebacks;
import io.remitflow.remittance.web.RemittancesResource.AmountJson;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
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

/** Amounts have the sign of the provider adjustment: positive was taken from a payment, negative added to one. */
@RestController
@RequestMapping("/billing/remittances/takebacks")
@PreAuthorize("hasAuthority('remittances.view')")
@Tag(name = "Takebacks")
class TakebacksResource {

    private static final int MAXIMUM_PAGE = 200;

    private final Takebacks takebacks;
    private final TakebackResolutions resolutions;

    TakebacksResource(Takebacks takebacks, TakebackResolutions resolutions) {
        this.takebacks = takebacks;
        this.resolutions = resolutions;
    }

    @GetMapping
    @Operation(summary = "Provider adjustments that another remittance settles, newest first, with their totals")
    ListJson list(
            @RequestParam(required = false) @Nullable String status,
            @RequestParam(required = false) @Nullable String payer,
            @RequestParam(required = false) @Nullable String kind,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        int size = Math.clamp(limit, 1, MAXIMUM_PAGE);
        List<Takeback> page = takebacks.list(new TakebackFilter(status(status), payer, kind(kind)), after, size + 1);
        boolean more = page.size() > size;
        List<Takeback> shown = more ? page.subList(0, size) : page;
        return new ListJson(
                shown.stream().map(TakebackJson::of).toList(),
                TotalsJson.of(takebacks.totals()),
                more ? shown.getLast().id() : null);
    }

    @GetMapping("/{id}")
    @Operation(summary = "One of them with every step and the claims it is about")
    DetailJson get(@PathVariable UUID id) {
        TakebackDetail detail = takebacks.get(id);
        return DetailJson.of(detail, resolutions.credits(detail.takeback()));
    }

    @PutMapping("/{id}/explanation")
    @PreAuthorize("hasAuthority('remittances.receive')")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Explain an exception; no money moves")
    void explain(@PathVariable UUID id, @RequestBody ExplanationJson explanation) {
        String text = explanation.text();
        takebacks.explain(id, text == null ? "" : text);
    }

    @PostMapping("/{id}/resolution")
    @PreAuthorize("hasAuthority('write-offs.approve')")
    @Operation(
            summary = "Book what is open of an explained item to another account; not by whoever explained it",
            description =
                    "As claim_credit it is set against what the payer paid too much for the claim with this control "
                            + "number, as far as that goes; the credits of the item say which claims have one.")
    DetailJson resolve(@PathVariable UUID id, @RequestBody ResolutionJson body) {
        String as = body.as();
        String claim = body.claim();
        String given = body.reason();
        String reason = given == null ? "" : given;
        TakebackResolution resolution = resolution(as == null ? "" : as);
        if (resolution == TakebackResolution.CLAIM_CREDIT && claim != null) {
            resolutions.setAgainstCredit(id, claim, reason);
        } else {
            resolutions.resolve(id, resolution, reason);
        }
        return get(id);
    }

    @PostMapping("/{id}/resolution/reversal")
    @PreAuthorize("hasAuthority('write-offs.approve')")
    @Operation(summary = "Take back what was booked by hand; the item is open as before")
    DetailJson takeResolutionBack(@PathVariable UUID id, @RequestBody ReversalJson body) {
        String reason = body.reason();
        resolutions.takeBack(id, reason == null ? "" : reason);
        return get(id);
    }

    static TakebackResolution resolution(String text) {
        return oneOf(TakebackResolution.values(), text);
    }

    static Status status(@Nullable String text) {
        return text == null || text.isBlank() ? Status.OPEN : oneOf(Status.values(), text);
    }

    static @Nullable TakebackKind kind(@Nullable String text) {
        return text == null || text.isBlank() ? null : oneOf(TakebackKind.values(), text);
    }

    private static <E extends Enum<E>> E oneOf(E[] values, String text) {
        return Arrays.stream(values)
                .filter(value -> value.name().equalsIgnoreCase(text.strip()))
                .findFirst()
                .orElseThrow(() -> new RuleViolation(
                        Refusal.INVALID_INPUT,
                        "it is one of "
                                + String.join(
                                        ", ",
                                        Arrays.stream(values)
                                                .map(TakebacksResource::word)
                                                .toList())));
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** @param claim our control number, for claim_credit only */
    record ResolutionJson(
            @Nullable String as,
            @Nullable String claim,
            @Nullable String reason) {}

    record ReversalJson(@Nullable String reason) {}

    record ExplanationJson(@Nullable String text) {}

    record ListJson(
            List<TakebackJson> takebacks,
            TotalsJson totals,
            @Nullable UUID next) {}

    record TotalsJson(long open, long exceptions, AmountJson taken, AmountJson owed, List<PayerJson> payers) {

        static TotalsJson of(TakebackTotals totals) {
            return new TotalsJson(
                    totals.open(),
                    totals.exceptions(),
                    AmountJson.of(totals.taken()),
                    AmountJson.of(totals.owed()),
                    totals.payers().stream()
                            .map(payer -> new PayerJson(
                                    payer.payerIdentifier(),
                                    payer.payerName(),
                                    payer.count(),
                                    AmountJson.of(payer.taken()),
                                    AmountJson.of(payer.owed())))
                            .toList());
        }
    }

    record PayerJson(String payerIdentifier, String payerName, long open, AmountJson taken, AmountJson owed) {}

    record TakebackJson(
            UUID id,
            String kind,
            String code,
            String payerIdentifier,
            String payerName,
            String reference,
            @Nullable String claimNumber,
            AmountJson opened,
            AmountJson open,
            LocalDate openedOn,
            @Nullable LocalDate closedOn,
            long ageDays,
            @Nullable String problem,
            @Nullable String problemText,
            @Nullable String explanation,
            UUID openedBy,
            String sentence) {

        static TakebackJson of(Takeback takeback) {
            TakebackProblem problem = takeback.problem();
            return new TakebackJson(
                    takeback.id(),
                    word(takeback.kind()),
                    takeback.code(),
                    takeback.payerIdentifier(),
                    takeback.payerName(),
                    takeback.reference(),
                    takeback.claimNumber(),
                    AmountJson.of(takeback.opened()),
                    AmountJson.of(takeback.open()),
                    takeback.openedOn(),
                    takeback.closedOn(),
                    takeback.ageDays(),
                    problem == null ? null : word(problem),
                    problem == null ? null : problem.text(),
                    takeback.explanation(),
                    takeback.openedBy(),
                    takeback.sentence());
        }
    }

    /** @param credits of the payer, which the item may recover */
    record DetailJson(TakebackJson takeback, List<StepJson> steps, List<ClaimJson> claims, List<CreditJson> credits) {

        static DetailJson of(TakebackDetail detail, List<PayerCredit> credits) {
            return new DetailJson(
                    TakebackJson.of(detail.takeback()),
                    detail.steps().stream().map(StepJson::of).toList(),
                    detail.claims().stream()
                            .map(claim -> new ClaimJson(claim.controlNumber(), claim.accountId(), claim.statusCode()))
                            .toList(),
                    credits.stream()
                            .map(credit -> new CreditJson(
                                    credit.creditId(), credit.controlNumber(), AmountJson.of(credit.left())))
                            .toList());
        }
    }

    record StepJson(
            @Nullable UUID remittanceId,
            String traceNumber,
            String kind,
            AmountJson amount,
            AmountJson openAfter,
            LocalDate bookedOn,
            @Nullable UUID otherId,
            String sentence) {

        static StepJson of(TakebackStep step) {
            return new StepJson(
                    step.remittanceId(),
                    step.traceNumber(),
                    word(step.kind()),
                    AmountJson.of(step.amount()),
                    AmountJson.of(step.openAfter()),
                    step.bookedOn(),
                    step.otherId(),
                    step.sentence());
        }
    }

    record CreditJson(UUID creditId, String claim, AmountJson left) {}

    record ClaimJson(
            String controlNumber,
            @Nullable UUID accountId,
            @Nullable String statusCode) {}
}
