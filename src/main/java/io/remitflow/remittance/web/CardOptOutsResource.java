package io.remitflow.remittance.web;

import io.remitflow.remittance.CardOptOut;
import io.remitflow.remittance.CardOptOuts;
import io.remitflow.remittance.web.RemittancesResource.AmountJson;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/billing/card-opt-outs")
@PreAuthorize("hasAuthority('remittances.view')")
@Tag(name = "Settlements")
class CardOptOutsResource {

    private static final int SHOWN = 200;

    private final CardOptOuts optOuts;
    private final CardOptOutTasks tasks;

    CardOptOutsResource(CardOptOuts optOuts, CardOptOutTasks tasks) {
        this.optOuts = optOuts;
        this.tasks = tasks;
    }

    @GetMapping
    @Operation(summary = "Payers that pay by virtual card, and whether they were asked to stop; open ones first")
    List<OptOutJson> list() {
        return optOuts.list(SHOWN).stream().map(OptOutJson::of).toList();
    }

    @GetMapping("/{id}")
    @Operation(summary = "One of them")
    OptOutJson get(@PathVariable UUID id) {
        return OptOutJson.of(optOuts.get(id));
    }

    @PostMapping("/{id}/outcome")
    @PreAuthorize("hasAuthority('settlements.record')")
    @Operation(summary = "Record that the payer was asked, that it has stopped, or that its cards are accepted")
    OptOutJson record(@PathVariable UUID id, @RequestBody @Valid OutcomeBody body) {
        optOuts.get(id);
        optOuts.record(
                id,
                tasks.require(id, null).key(),
                Objects.requireNonNullElse(body.outcome(), ""),
                Objects.requireNonNullElse(body.note(), ""));
        return get(id);
    }

    record OutcomeBody(
            @Schema(allowableValues = {"requested", "opted-out", "cards-accepted"}) @Nullable @Size(max = 30) String outcome,

            @Nullable @Size(max = 300) String note) {}

    record OptOutJson(
            UUID id,
            String payerIdentifier,
            String payerName,
            UUID settlementId,
            String traceNumber,
            AmountJson amount,
            AmountJson fee,
            String state,
            Instant openedAt,
            @Nullable Instant requestedAt,
            @Nullable Instant endedAt,
            @Nullable UUID decidedBy,
            String note) {

        static OptOutJson of(CardOptOut optOut) {
            return new OptOutJson(
                    optOut.id(),
                    optOut.payerIdentifier(),
                    optOut.payerName(),
                    optOut.settlementId(),
                    optOut.traceNumber(),
                    AmountJson.of(optOut.amount()),
                    AmountJson.of(optOut.fee()),
                    optOut.state().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                    optOut.openedAt(),
                    optOut.requestedAt(),
                    optOut.endedAt(),
                    optOut.decidedBy(),
                    optOut.note());
        }
    }
}
