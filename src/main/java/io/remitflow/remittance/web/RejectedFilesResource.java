package io.remitflow.remittance.web;

import io.remitflow.remittance.PayeeIdentifiers;
import io.remitflow.remittance.Receipt;
import io.remitflow.remittance.RejectedFiles;
import io.remitflow.remittance.Remittances;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
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

/** Letting in is a resource of the file: the same request again is refused, nothing is posted twice. */
@RestController
@RequestMapping("/billing/rejected-remittance-files")
@PreAuthorize("hasAuthority('remittances.view')")
@Tag(name = "Remittances")
class RejectedFilesResource {

    private static final int ROWS = 200;

    private final Remittances remittances;
    private final RejectedFiles rejected;
    private final PayeeIdentifiers payees;

    RejectedFilesResource(Remittances remittances, RejectedFiles rejected, PayeeIdentifiers payees) {
        this.remittances = remittances;
        this.rejected = rejected;
        this.payees = payees;
    }

    @GetMapping
    @Operation(summary = "Files that could not be read as they came, newest first, with what has to be put right")
    List<FileJson> list() {
        return rejected.list(ROWS).stream().map(FileJson::of).toList();
    }

    @GetMapping("/{id}")
    @Operation(summary = "One such file")
    FileJson get(@PathVariable UUID id) {
        return FileJson.of(rejected.get(id));
    }

    @PostMapping("/{id}/confirmation")
    @PreAuthorize("hasAuthority('remittances.confirm')")
    @Operation(summary = "Let the file in with its envelope put right; needs balanced money and a comment")
    RemittancesResource.ReceiptJson letIn(@PathVariable UUID id, @RequestBody Confirmation confirmation) {
        Receipt receipt = remittances.letIn(id, Objects.requireNonNullElse(confirmation.comment(), ""));
        return RemittancesResource.ReceiptJson.of(receipt);
    }

    @GetMapping("/misrouted")
    @Operation(summary = "Places of remittances that pay somebody else")
    List<PayeeIdentifiers.Misrouted> misrouted() {
        return payees.misrouted(ROWS);
    }

    record Confirmation(@Nullable String comment) {}

    record FileJson(
            UUID id,
            String name,
            @Nullable String reason,
            List<String> repairs,
            boolean confirmable,
            @Nullable String obstacle,
            int remittances,
            long claims,
            RemittancesResource.AmountJson paid,
            @Nullable String confirmedBy,
            @Nullable Instant confirmedAt,
            @Nullable String confirmation) {

        static FileJson of(RejectedFiles.RejectedFile file) {
            return new FileJson(
                    file.id(),
                    file.name(),
                    file.reason(),
                    file.repairs(),
                    file.isConfirmable(),
                    file.obstacle(),
                    file.remittances(),
                    file.claims(),
                    RemittancesResource.AmountJson.of(file.paid()),
                    file.confirmedBy(),
                    file.confirmedAt(),
                    file.confirmation());
        }
    }
}
