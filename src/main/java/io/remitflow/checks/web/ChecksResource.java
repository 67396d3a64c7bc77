package io.remitflow.checks.web;

import io.remitflow.checks.CheckApplication;
import io.remitflow.checks.CheckConfirmations;
import io.remitflow.checks.CheckConfirmations.Confirmation;
import io.remitflow.checks.CheckFields;
import io.remitflow.checks.CheckFilter;
import io.remitflow.checks.CheckPackets;
import io.remitflow.checks.CheckPreview;
import io.remitflow.checks.CheckProposal;
import io.remitflow.checks.CheckReturns;
import io.remitflow.checks.CheckSummary;
import io.remitflow.checks.Checks;
import io.remitflow.checks.Doubt;
import io.remitflow.checks.PaperCheck;
import io.remitflow.checks.ReceivedPacket;
import io.remitflow.checks.RemittanceLine;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Size;
import java.io.IOException;
import java.io.InputStream;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

/** Checks over HTTP. */
@RestController
@RequestMapping("/billing/checks")
class ChecksResource {

    private final Checks checks;
    private final CheckPackets packets;
    private final CheckConfirmations confirmations;
    private final CheckReturns returns;

    ChecksResource(Checks checks, CheckPackets packets, CheckConfirmations confirmations, CheckReturns returns) {
        this.checks = checks;
        this.packets = packets;
        this.confirmations = confirmations;
        this.returns = returns;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('checks.view')")
    Page list(
            @RequestParam(defaultValue = "") String status,
            @RequestParam(defaultValue = "") String text,
            @RequestParam(required = false) @Nullable UUID after,
            @RequestParam(defaultValue = "50") int limit) {
        var filter = new CheckFilter(ChecksController.status(status), text.isBlank() ? null : text, after, limit);
        List<CheckRow> items = checks.list(filter).stream().map(CheckRow::of).toList();
        return new Page(
                items, items.size() < filter.limit() ? null : items.getLast().id());
    }

    @PostMapping(path = "/packets", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
    @PreAuthorize("hasAuthority('checks.receive')")
    PacketView receive(@RequestParam MultipartFile file) throws IOException {
        try (InputStream bytes = file.getInputStream()) {
            ReceivedPacket received = packets.receive(
                    "check-upload", Objects.requireNonNullElse(file.getOriginalFilename(), "packet"), bytes);
            return new PacketView(
                    received.packetId(),
                    received.file().id(),
                    received.file().state().name().toLowerCase(Locale.ROOT),
                    received.file().reason(),
                    received.repeated());
        }
    }

    @GetMapping("/packets/{id}/checks")
    @PreAuthorize("hasAuthority('checks.view')")
    List<UUID> ofPacket(@PathVariable UUID id) {
        packets.get(id);
        return checks.ofPacket(id).stream().map(PaperCheck::id).toList();
    }

    @GetMapping("/{id}")
    @PreAuthorize("hasAuthority('checks.view')")
    CheckView get(@PathVariable UUID id) {
        return view(id);
    }

    /** What a confirmation would do now; send its {@code seen} back with the confirmation. */
    @GetMapping("/{id}/preview")
    @PreAuthorize("hasAuthority('checks.view')")
    PreviewView preview(@PathVariable UUID id) {
        return PreviewView.of(checks.preview(id));
    }

    /** Fields that are missing stay as they are. */
    @PatchMapping("/{id}")
    @PreAuthorize("hasAuthority('checks.receive')")
    CheckView change(@PathVariable UUID id, @RequestBody @Valid FieldsBody body) {
        PaperCheck check = checks.get(id);
        checks.change(id, body.version(), body.over(check));
        return view(id);
    }

    @PostMapping("/{id}/confirmation")
    @PreAuthorize("hasAuthority('checks.confirm')")
    CheckView confirm(@PathVariable UUID id, @RequestBody @Valid ConfirmationBody body) {
        checks.get(id);
        confirmations.confirm(id, new Confirmation(body.version(), body.seen(), body.acknowledged(), body.comment()));
        return view(id);
    }

    @PostMapping("/{id}/rejection")
    @PreAuthorize("hasAuthority('checks.confirm')")
    CheckView reject(@PathVariable UUID id, @RequestBody @Valid ReasonBody body) {
        checks.reject(id, Objects.requireNonNullElse(body.reason(), ""));
        return view(id);
    }

    @PostMapping("/{id}/sending-back")
    @PreAuthorize("hasAuthority('checks.confirm')")
    CheckView sendBack(@PathVariable UUID id, @RequestBody @Valid ReasonBody body) {
        checks.get(id);
        checks.sendBack(id, Objects.requireNonNullElse(body.reason(), ""));
        return view(id);
    }

    @PostMapping("/{id}/duplicate-decision")
    @PreAuthorize("hasAuthority('checks.confirm')")
    CheckView decideDuplicate(@PathVariable UUID id, @RequestBody @Valid DuplicateBody body) {
        checks.get(id);
        Boolean same = body.same();
        if (same == null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say with \"same\" whether it is the same check");
        }
        checks.decideDuplicate(id, same, Objects.requireNonNullElse(body.reason(), ""));
        return view(id);
    }

    /** What it was sent back for is done. */
    @PostMapping("/{id}/correction")
    @PreAuthorize("hasAuthority('checks.receive')")
    CheckView corrected(@PathVariable UUID id) {
        checks.get(id);
        checks.corrected(id);
        return view(id);
    }

    /** These lines belong to another check of the packet, which is answered. */
    @PostMapping("/{id}/split")
    @PreAuthorize("hasAuthority('checks.receive')")
    CheckView split(@PathVariable UUID id, @RequestBody @Valid SplitBody body) {
        checks.get(id);
        return view(checks.split(id, body.version(), Objects.requireNonNullElse(body.lines(), Set.of())));
    }

    /** The other one is no check of its own: its lines belong to this one. */
    @PostMapping("/{id}/merge")
    @PreAuthorize("hasAuthority('checks.receive')")
    CheckView merge(@PathVariable UUID id, @RequestBody @Valid MergeBody body) {
        checks.get(id);
        UUID other = body.other();
        if (other == null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say which check belongs to this one");
        }
        checks.merge(id, other);
        return view(id);
    }

    /** The bank did not pay it. */
    /** Of a confirmed check that waits for its date, which was misread. */
    @PostMapping("/{id}/date")
    @PreAuthorize("hasAuthority('checks.confirm')")
    CheckView correctDate(@PathVariable UUID id, @RequestBody @Valid DateBody body) {
        confirmations.correctDate(
                id, CheckReviewController.date(body.date()), Objects.requireNonNullElse(body.reason(), ""));
        return view(id);
    }

    @PostMapping("/{id}/return")
    @PreAuthorize("hasAuthority('checks.confirm')")
    CheckView returned(@PathVariable UUID id, @RequestBody @Valid ReturnBody body) {
        checks.get(id);
        returns.returned(
                id,
                CheckReviewController.code(Objects.requireNonNullElse(body.code(), "")),
                Objects.requireNonNullElse(body.note(), ""));
        return view(id);
    }

    private CheckView view(UUID id) {
        return CheckView.of(checks.get(id), confirmations.applications(id));
    }

    record Page(List<CheckRow> items, @Nullable UUID next) {}

    record PacketView(
            @Nullable UUID packetId,
            UUID fileId,
            String state,
            @Nullable String reason,
            boolean repeated) {}

    record ReasonBody(@Nullable @Size(max = 500) String reason) {}

    record DuplicateBody(
            @Nullable Boolean same,
            @Nullable @Size(max = 500) String reason) {}

    record SplitBody(int version, @Nullable @Size(max = 200) Set<Integer> lines) {}

    record MergeBody(@Nullable UUID other) {}

    record DateBody(
            @Nullable LocalDate date,
            @Nullable @Size(max = 500) String reason) {}

    record ReturnBody(
            @Nullable @Size(max = 40) String code,
            @Nullable @Size(max = 500) String note) {}

    record ConfirmationBody(
            int version,
            @Nullable @Size(max = 100) String seen,
            boolean acknowledged,
            @Nullable @Size(max = 500) String comment) {}

    record LineBody(
            @Nullable @Size(max = 40) String invoiceNumber,
            @Nullable LocalDate date,
            @Nullable @Size(max = 30) String amount,
            @Nullable UUID invoiceId) {}

    record FieldsBody(
            int version,
            @Nullable @Size(max = 40) String checkNumber,
            @Nullable LocalDate date,
            @Nullable @Size(max = 200) String payerName,
            @Nullable @Size(max = 200) String payeeName,
            @Nullable @Size(max = 500) String memo,
            @Nullable @Size(max = 30) String amount,
            @Nullable @Size(max = 200) List<LineBody> lines,
            @Nullable @Size(max = 500) Set<UUID> facilities) {

        CheckFields over(PaperCheck check) {
            CheckFields before = CheckFields.of(check);
            String worth = amount;
            return new CheckFields(
                    Objects.requireNonNullElse(checkNumber, Objects.requireNonNullElse(before.checkNumber(), "")),
                    date == null ? before.date() : date,
                    payerName == null ? before.payerName() : payerName,
                    payeeName == null ? before.payeeName() : payeeName,
                    memo == null ? before.memo() : memo,
                    worth == null ? before.amount() : Amounts.parse(worth, check.currency()),
                    lines == null ? before.lines() : read(lines, check.currency()),
                    facilities == null ? before.facilities() : facilities);
        }

        private static List<RemittanceLine> read(List<LineBody> lines, String currency) {
            List<RemittanceLine> read = new ArrayList<>();
            for (LineBody line : lines) {
                String worth = line.amount();
                if (worth == null) {
                    throw new RuleViolation(Refusal.INVALID_INPUT, "every line needs an amount");
                }
                read.add(new RemittanceLine(
                        read.size() + 1,
                        line.invoiceNumber(),
                        line.date(),
                        Amounts.parse(worth, currency).getAmountMinorLong(),
                        line.invoiceId()));
            }
            return read;
        }
    }

    record CheckRow(
            UUID id,
            String number,
            String status,
            @Nullable String checkNumber,
            @Nullable String payerName,
            @Nullable String amount,
            String applied) {

        static CheckRow of(CheckSummary check) {
            return new CheckRow(
                    check.id(),
                    check.number(),
                    check.status().key(),
                    check.checkNumber(),
                    check.payerName(),
                    plain(check.amount()),
                    check.applied().getAmount().toPlainString());
        }
    }

    record LineView(
            int number,
            @Nullable String invoiceNumber,
            @Nullable LocalDate date,
            String amount,
            @Nullable UUID invoiceId) {}

    record ApplicationView(@Nullable UUID invoiceId, String invoiceNumber, String amount, String reason) {}

    record CheckView(
            UUID id,
            String number,
            UUID packetId,
            int position,
            String status,
            @Nullable String checkNumber,
            @Nullable LocalDate date,
            @Nullable String payerName,
            @Nullable String payeeName,
            @Nullable String memo,
            @Nullable String amount,
            String currency,
            @Nullable Integer confidence,
            boolean suspectedDuplicate,
            @Nullable UUID duplicateOf,
            Set<UUID> facilities,
            List<LineView> lines,
            List<ApplicationView> applications,
            int version) {

        static CheckView of(PaperCheck check, List<CheckApplication> applications) {
            PaperCheck.Duplicate duplicate = check.duplicate();
            return new CheckView(
                    check.id(),
                    check.number(),
                    check.packetId(),
                    check.position(),
                    check.status().key(),
                    check.checkNumber(),
                    check.date(),
                    check.payerName(),
                    check.payeeName(),
                    check.memo(),
                    plain(check.amount()),
                    check.currency(),
                    check.confidence(),
                    check.isSuspectedDuplicate(),
                    duplicate == null ? null : duplicate.of(),
                    check.facilities(),
                    check.lines().stream()
                            .map(line -> new LineView(
                                    line.number(),
                                    line.invoiceNumber(),
                                    line.date(),
                                    Amounts.ofMinor(line.amountMinor(), check.currency())
                                            .getAmount()
                                            .toPlainString(),
                                    line.chosenInvoiceId()))
                            .toList(),
                    applications.stream()
                            .map(one -> new ApplicationView(
                                    one.invoiceId(),
                                    one.invoiceNumber(),
                                    one.amount().getAmount().toPlainString(),
                                    one.reason()))
                            .toList(),
                    check.version());
        }
    }

    record PaysView(UUID invoiceId, String invoiceNumber, UUID accountId, long amountMinor) {}

    record PreviewView(
            String payer,
            List<PaysView> pays,
            String unapplied,
            List<String> explanations,
            List<String> doubts,
            boolean confirmable,
            boolean needsAcknowledgement,
            String seen) {

        static PreviewView of(CheckPreview preview) {
            CheckProposal proposal = preview.proposal();
            return new PreviewView(
                    preview.payer().outcome().name().toLowerCase(Locale.ROOT),
                    proposal == null
                            ? List.of()
                            : proposal.allocation().applied().stream()
                                    .map(applied -> new PaysView(
                                            applied.invoice().id(),
                                            applied.invoice().number(),
                                            applied.invoice().facilityId(),
                                            applied.amountMinor()))
                                    .toList(),
                    preview.left().getAmount().toPlainString(),
                    proposal == null
                            ? List.of()
                            : proposal.suggestions().stream()
                                    .map(suggestion -> "line %d: %s"
                                            .formatted(suggestion.line().number(), suggestion.explanation()))
                                    .toList(),
                    preview.doubts().stream().map(Doubt::text).toList(),
                    preview.isConfirmable(),
                    preview.needsAcknowledgement(),
                    preview.seen());
        }
    }

    private static @Nullable String plain(@Nullable Money amount) {
        return amount == null ? null : amount.getAmount().toPlainString();
    }
}
