package io.remitflow.remittance.web;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.intake.IntakeFile;
import io.remitflow.remittance.AnsweredClaim;
import io.remitflow.remittance.Receipt;
import io.remitflow.remittance.RemittanceDetail;
import io.remitflow.remittance.RemittanceFilter;
import io.remitflow.remittance.RemittanceRegister;
import io.remitflow.remittance.RemittanceState;
import io.remitflow.remittance.RemittanceSummary;
import io.remitflow.remittance.Remittances;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

/** The same bytes again are the same remittances, so a POST can be repeated without an idempotency key. */
@RestController
@RequestMapping("/billing/remittances")
@PreAuthorize("hasAuthority('remittances.view')")
@Tag(name = "Remittances")
class RemittancesResource {

    private static final int MAXIMUM_PAGE = 200;

    private final Remittances remittances;
    private final RemittanceRegister register;
    private final Organizations organizations;

    RemittancesResource(Remittances remittances, RemittanceRegister register, Organizations organizations) {
        this.remittances = remittances;
        this.register = register;
        this.organizations = organizations;
    }

    @PostMapping(consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
    @PreAuthorize("hasAuthority('remittances.receive')")
    @Operation(summary = "Receive an 835 as the form field 'file'; with lookFirst nothing is posted before its review")
    ResponseEntity<?> upload(@RequestParam MultipartFile file, @RequestParam(defaultValue = "false") boolean lookFirst)
            throws IOException {
        try (InputStream bytes = file.getInputStream()) {
            return received(remittances.receive(
                    source(lookFirst), Objects.requireNonNullElse(file.getOriginalFilename(), "upload.835"), bytes));
        }
    }

    @PostMapping(consumes = {"application/edi-x12", "application/octet-stream", "text/plain"})
    @PreAuthorize("hasAuthority('remittances.receive')")
    @Operation(
            summary = "Receive an 835 as the body of the request; with lookFirst nothing is posted before its review")
    ResponseEntity<?> raw(
            @RequestParam(defaultValue = "upload.835") String name,
            @RequestParam(defaultValue = "false") boolean lookFirst,
            InputStream body) {
        return received(remittances.receive(source(lookFirst), name, body));
    }

    @GetMapping
    @Operation(summary = "Remittances, newest first; from and to are payment dates")
    ListJson list(
            @RequestParam(required = false) @Nullable String state,
            @RequestParam(required = false) @Nullable String payer,
            @RequestParam(required = false) @Nullable LocalDate from,
            @RequestParam(required = false) @Nullable LocalDate to,
            @RequestParam(required = false) @Nullable String atLeast,
            @RequestParam(required = false) @Nullable String atMost,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        int size = Math.clamp(limit, 1, MAXIMUM_PAGE);
        var filter = new RemittanceFilter(state(state), payer, from, to, amount(atLeast), amount(atMost));
        List<RemittanceSummary> page = register.list(filter, after, size + 1);
        boolean more = page.size() > size;
        List<RemittanceSummary> shown = more ? page.subList(0, size) : page;
        return new ListJson(
                shown.stream().map(SummaryJson::of).toList(),
                more ? shown.getLast().id() : null);
    }

    @GetMapping("/{id}")
    @Operation(summary = "One remittance with its findings and claims; claims are paged by position")
    DetailJson get(
            @PathVariable UUID id,
            @RequestParam(defaultValue = "0") int after,
            @RequestParam(defaultValue = "100") int limit) {
        return DetailJson.of(register.get(id), register.claims(id, after, Math.clamp(limit, 1, MAXIMUM_PAGE)));
    }

    private @Nullable Money amount(@Nullable String text) {
        return amount(text, organizations.current().currency().getCode());
    }

    static @Nullable Money amount(@Nullable String text, String currency) {
        return text == null || text.isBlank() ? null : Amounts.parse(text, currency);
    }

    static @Nullable RemittanceState state(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return null;
        }
        return Arrays.stream(RemittanceState.values())
                .filter(state -> state.name().equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() -> new RuleViolation(
                        Refusal.INVALID_INPUT, "state is posted, held, review, rejected, reversed or duplicate"));
    }

    private static String source(boolean lookFirst) {
        return lookFirst ? "era-api" + Remittances.LOOK_FIRST : "era-api";
    }

    /** A file that cannot be read is kept, but it is the client's mistake. */
    private static ResponseEntity<?> received(Receipt receipt) {
        if (receipt.file().state() == IntakeFile.State.REJECTED) {
            return ResponseEntity.unprocessableEntity()
                    .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                    .body(rejection(receipt.file()));
        }
        return ResponseEntity.status(receipt.repeated() ? HttpStatus.OK : HttpStatus.CREATED)
                .body(ReceiptJson.of(receipt));
    }

    private static ProblemDetail rejection(IntakeFile file) {
        var problem = ProblemDetail.forStatusAndDetail(
                HttpStatus.UNPROCESSABLE_ENTITY,
                Objects.requireNonNullElse(file.reason(), "The file cannot be read as an 835"));
        problem.setInstance(URI.create("/billing/remittances"));
        problem.setProperty("code", Refusal.FILE_REJECTED.code());
        problem.setProperty("fileId", file.id());
        return problem;
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    record AmountJson(long amountMinor, String currency, String display) {

        static AmountJson of(Money money) {
            return new AmountJson(
                    money.getAmountMinorLong(), money.getCurrencyUnit().getCode(), Amounts.format(money));
        }
    }

    record ReceiptJson(
            UUID fileId, String state, @Nullable String reason, boolean repeated, List<PartJson> remittances) {

        static ReceiptJson of(Receipt receipt) {
            return new ReceiptJson(
                    receipt.file().id(),
                    word(receipt.file().state()),
                    receipt.file().reason(),
                    receipt.repeated(),
                    receipt.remittances().stream()
                            .map(part -> new PartJson(part.id(), word(part.state())))
                            .toList());
        }
    }

    record PartJson(UUID id, String state) {}

    record ListJson(List<SummaryJson> remittances, @Nullable UUID next) {}

    record SummaryJson(
            UUID id,
            String state,
            String payerName,
            String payerIdentifier,
            String traceNumber,
            @Nullable LocalDate paymentDate,
            AmountJson paid,
            AmountJson suspense,
            int claims,
            int heldClaims,
            int deniedClaims,
            @Nullable UUID journalEntryId,
            Instant receivedAt) {

        static SummaryJson of(RemittanceSummary summary) {
            return new SummaryJson(
                    summary.id(),
                    word(summary.state()),
                    summary.payerName(),
                    summary.payerIdentifier(),
                    summary.traceNumber(),
                    summary.paymentDate(),
                    AmountJson.of(summary.paid()),
                    AmountJson.of(summary.suspense()),
                    summary.claims(),
                    summary.heldClaims(),
                    summary.deniedClaims(),
                    summary.journalEntryId(),
                    summary.receivedAt());
        }
    }

    record DetailJson(
            SummaryJson remittance,
            List<RemittanceDetail.Finding> findings,
            List<ProviderLineJson> providerAdjustments,
            List<ClaimJson> claims) {

        static DetailJson of(RemittanceDetail detail, List<AnsweredClaim> claims) {
            return new DetailJson(
                    SummaryJson.of(detail.summary()),
                    detail.findings(),
                    detail.providerAdjustments().stream()
                            .map(line -> new ProviderLineJson(
                                    line.code(), line.text(), line.reference(), AmountJson.of(line.amount())))
                            .toList(),
                    claims.stream().map(ClaimJson::of).toList());
        }
    }

    record ProviderLineJson(String code, String text, String reference, AmountJson amount) {}

    record ClaimJson(
            int position,
            String controlNumber,
            String payerClaimNumber,
            String statusCode,
            AmountJson charged,
            AmountJson paid,
            AmountJson contractual,
            AmountJson patientResponsibility,
            String treatment,
            @Nullable String reason,
            boolean denied,
            @Nullable UUID accountId,
            List<AdjustmentJson> adjustments) {

        static ClaimJson of(AnsweredClaim claim) {
            return new ClaimJson(
                    claim.position(),
                    claim.controlNumber(),
                    claim.payerClaimNumber(),
                    claim.statusCode(),
                    AmountJson.of(claim.charged()),
                    AmountJson.of(claim.paid()),
                    AmountJson.of(claim.contractual()),
                    AmountJson.of(claim.patient()),
                    word(claim.treatment()),
                    claim.reason(),
                    claim.isDenied(),
                    claim.accountId(),
                    claim.adjustments().stream()
                            .map(adjustment -> new AdjustmentJson(
                                    adjustment.line(),
                                    adjustment.code(),
                                    adjustment.text(),
                                    AmountJson.of(adjustment.amount()),
                                    word(adjustment.treatment())))
                            .toList());
        }
    }

    record AdjustmentJson(@Nullable Integer line, String code, String text, AmountJson amount, String treatment) {}
}
