package io.remitflow.claims.web;

import io.remitflow.claims.Batch;
import io.remitflow.claims.Claim;
import io.remitflow.claims.ClaimCorrections;
import io.remitflow.claims.Claims;
import io.remitflow.claims.NewClaim;
import io.remitflow.claims.NextPayer;
import io.remitflow.claims.SecondaryClaims;
import io.remitflow.claims.Submission;
import io.remitflow.claims.SubmissionDetails.Attending;
import io.remitflow.claims.SubmissionEvent;
import io.remitflow.claims.Submissions;
import io.remitflow.core.Amounts;
import jakarta.validation.Valid;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Digits;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
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

/** Claims on their way to payers, and the files in which they go. */
@RestController
@RequestMapping("/billing/claims")
class ClaimResource {

    private final Claims claims;
    private final Submissions submissions;
    private final SecondaryClaims secondaries;
    private final ClaimCorrections corrections;

    ClaimResource(Claims claims, Submissions submissions, SecondaryClaims secondaries, ClaimCorrections corrections) {
        this.claims = claims;
        this.corrections = corrections;
        this.submissions = submissions;
        this.secondaries = secondaries;
    }

    /** Longest waiting first, at most 200; state: ready, batched, sent, accepted or rejected. */
    @GetMapping("/submissions")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    List<SubmissionView> submissions(
            @RequestParam(defaultValue = "ready") String state,
            @RequestParam(required = false) @Nullable UUID payerId) {
        return submissions.list(List.of(state), payerId).stream()
                .map(SubmissionView::of)
                .toList();
    }

    @GetMapping("/{claimId}")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    ClaimView get(@PathVariable UUID claimId) {
        return view(claimId);
    }

    /** Everything that happened to the claim on its way, oldest first. */
    @GetMapping("/{claimId}/submission")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    List<EventView> history(@PathVariable UUID claimId) {
        return submissions.history(claimId).stream().map(EventView::of).toList();
    }

    /** Makes the claim ready for its payer, or for the next one where the payers before have answered. */
    @PostMapping("/{claimId}/submission")
    @PreAuthorize("hasAuthority('patient-accounts.manage')")
    ClaimView prepare(@PathVariable UUID claimId, @RequestBody @Valid SubmissionBody body) {
        submissions.prepare(
                claimId,
                SubmissionForm.details(
                        body.form(),
                        body.diagnoses(),
                        body.placeOfService(),
                        body.typeOfBill(),
                        body.admittedOn(),
                        body.patientStatus(),
                        body.attending() == null
                                ? null
                                : new Attending(
                                        body.attending().npi(),
                                        body.attending().familyName(),
                                        body.attending().givenName())));
        return view(claimId);
    }

    /** Charges a corrected claim in the place of this one, which the payer gets as its replacement (CLM05-3 of 7). */
    @PostMapping("/{claimId}/replacement")
    @PreAuthorize("hasAuthority('patient-accounts.manage')")
    ResponseEntity<ClaimView> replace(@PathVariable UUID claimId, @RequestBody @Valid ReplacementBody body) {
        String currency = claims.get(claimId).charged().getCurrencyUnit().getCode();
        UUID replacement = corrections.replace(
                claimId,
                body.lines() == null
                        ? null
                        : body.lines().stream().map(line -> line.of(currency)).toList(),
                body.reason());
        return ResponseEntity.created(URI.create("/billing/claims/" + replacement))
                .body(view(replacement));
    }

    /** Withdraws the claim at the payer (CLM05-3 of 8) and takes its charge back. */
    @PostMapping("/{claimId}/void")
    @PreAuthorize("hasAuthority('patient-accounts.manage')")
    ClaimView voidClaim(@PathVariable UUID claimId, @RequestBody @Valid VoidBody body) {
        corrections.voidClaim(claimId, body.reason());
        return view(claimId);
    }

    /** Newest first, at most 200. */
    @GetMapping("/batches")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    List<BatchView> batches() {
        return submissions.batches().stream().map(BatchView::of).toList();
    }

    /** Puts what is ready into files, which are sent within a minute; empty if nothing can be sent. */
    @PostMapping("/batches")
    @PreAuthorize("hasAuthority('patient-accounts.manage')")
    List<BatchView> send() {
        return submissions.createBatches().stream().map(BatchView::of).toList();
    }

    @GetMapping("/batches/{batchId}")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    BatchView batch(@PathVariable UUID batchId) {
        return BatchView.of(submissions.batch(batchId));
    }

    /** The 837 as it is or was sent. */
    @GetMapping("/batches/{batchId}/content")
    @PreAuthorize("hasAuthority('patient-accounts.manage')")
    ResponseEntity<byte[]> content(@PathVariable UUID batchId) {
        byte[] content = submissions.content(batchId);
        return ResponseEntity.ok()
                .contentType(MediaType.parseMediaType("application/edi-x12"))
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        "attachment; filename=\"%s\""
                                .formatted(submissions.batch(batchId).fileName()))
                .body(content);
    }

    private ClaimView view(UUID claimId) {
        return ClaimView.of(
                claims.get(claimId),
                claims.replacementOf(claimId).map(Claim::id).orElse(null),
                submissions.find(claimId).map(SubmissionView::of).orElse(null),
                NextPayerView.of(secondaries.next(claimId)));
    }

    private static String plain(Money amount) {
        return amount.getAmount().toPlainString();
    }

    record SubmissionBody(
            @NotNull @Pattern(regexp = "professional|institutional") String form,

            @NotEmpty @Size(max = 25) List<@NotBlank @Size(max = 8) String> diagnoses,
            @Nullable @Size(max = 2) String placeOfService,
            @Nullable @Size(max = 3) String typeOfBill,
            @Nullable LocalDate admittedOn,
            @Nullable @Size(max = 2) String patientStatus,
            @Nullable @Valid AttendingBody attending) {}

    /** @param lines null: as they were */
    record ReplacementBody(
            @NotBlank @Size(max = 300) String reason,
            @Nullable @Size(min = 1, max = 999) List<@Valid LineBody> lines) {}

    record VoidBody(@NotBlank @Size(max = 300) String reason) {}

    record LineBody(
            @Nullable @Pattern(regexp = "[A-Z0-9]{2,8}") String procedureCode,
            @Nullable @Size(max = 4) List<@NotNull @Pattern(regexp = "[A-Z0-9]{2}") String> modifiers,
            @Nullable @Pattern(regexp = "[0-9]{4}") String revenueCode,
            @NotNull LocalDate serviceDate,

            @NotNull @DecimalMin("0.001") @Digits(integer = 9, fraction = 3) BigDecimal units,

            @NotBlank @Size(max = 20) String charged) {

        NewClaim.Line of(String currency) {
            return new NewClaim.Line(
                    null,
                    procedureCode,
                    modifiers == null ? List.of() : modifiers,
                    revenueCode,
                    serviceDate,
                    units,
                    Amounts.parse(charged, currency));
        }
    }

    record AttendingBody(
            @NotNull @Pattern(regexp = "\\d{10}") String npi,
            @NotBlank @Size(max = 60) String familyName,
            @NotNull @Size(max = 35) String givenName) {}

    record ClaimView(
            UUID id,
            UUID accountId,
            UUID payerId,
            String controlNumber,
            @Nullable String payerClaimNumber,
            LocalDate serviceFrom,
            LocalDate serviceTo,
            String currency,
            String charged,
            String paid,
            String contractual,
            String patientResponsibility,
            String open,
            String status,
            @Nullable UUID replaces,
            @Nullable UUID replacedBy,
            @Nullable SubmissionView submission,
            NextPayerView nextPayer) {

        static ClaimView of(
                Claim claim, @Nullable UUID replacedBy, @Nullable SubmissionView submission, NextPayerView next) {
            Claim.Replaced replaces = claim.replaces();
            return new ClaimView(
                    claim.id(),
                    claim.accountId(),
                    claim.payerId(),
                    claim.controlNumber(),
                    claim.payerClaimNumber(),
                    claim.serviceFrom(),
                    claim.serviceTo(),
                    claim.charged().getCurrencyUnit().getCode(),
                    plain(claim.charged()),
                    plain(claim.paid()),
                    plain(claim.contractual()),
                    plain(claim.patientResponsibility()),
                    plain(claim.open()),
                    claim.status().key(),
                    replaces == null ? null : replaces.claimId(),
                    replacedBy,
                    submission,
                    next);
        }
    }

    /** @param missing why it is not sent although it is ready */
    record SubmissionView(
            UUID claimId,
            String controlNumber,
            String payerName,
            String payerRank,
            String form,
            String state,
            int round,
            String charged,
            @Nullable String missing,
            @Nullable String lastMessage,
            Instant changedAt) {

        static SubmissionView of(Submission submission) {
            return new SubmissionView(
                    submission.claimId(),
                    submission.controlNumber(),
                    submission.payerName(),
                    submission.rank(),
                    submission.form().key(),
                    submission.state(),
                    submission.round(),
                    plain(submission.charged()),
                    submission.state().equals("ready") ? submission.missing() : null,
                    submission.lastMessage(),
                    submission.changedAt());
        }
    }

    record NextPayerView(
            int sequence,
            String rank,
            @Nullable UUID payerId,
            @Nullable String payerName,
            String state,
            String reason) {

        static NextPayerView of(NextPayer next) {
            return new NextPayerView(
                    next.sequence(),
                    next.rank(),
                    next.payerId(),
                    next.payerName(),
                    next.state().key(),
                    next.reason());
        }
    }

    record EventView(
            String kind,
            @Nullable String batchNumber,
            @Nullable String fields,
            @Nullable String message,
            @Nullable String sender,
            Instant recordedAt) {

        static EventView of(SubmissionEvent event) {
            return new EventView(
                    event.kind(),
                    event.batchNumber(),
                    event.fields(),
                    event.message(),
                    event.sender(),
                    event.recordedAt());
        }
    }

    record BatchView(
            UUID id,
            String number,
            String form,
            String state,
            String fileName,
            int claims,
            String charged,
            @Nullable String partnerFile,
            @Nullable String lastError,
            Instant createdAt,
            @Nullable Instant sentAt) {

        static BatchView of(Batch batch) {
            return new BatchView(
                    batch.id(),
                    batch.number(),
                    batch.form().key(),
                    batch.state(),
                    batch.fileName(),
                    batch.claims(),
                    plain(batch.charged()),
                    batch.partnerFile(),
                    batch.lastError(),
                    batch.createdAt(),
                    batch.sentAt());
        }
    }
}
