package io.remitflow.refunds.web;

import io.remitflow.refunds.AchOriginator;
import io.remitflow.refunds.AchOriginators;
import io.remitflow.refunds.CheckBook;
import io.remitflow.refunds.RefundChecks;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.time.LocalTime;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** How refunds leave by ACH and by check: the originator of the files, and the check books. */
@RestController
@RequestMapping("/billing/refunds")
@PreAuthorize("hasAuthority('settings.manage')")
class PayoutSettingsResource {

    private final AchOriginators originators;
    private final RefundChecks checks;

    PayoutSettingsResource(AchOriginators originators, RefundChecks checks) {
        this.originators = originators;
        this.checks = checks;
    }

    /** None until the organization's bank is set up. */
    @GetMapping("/ach/originator")
    OriginatorView originator() {
        return new OriginatorView(originators.find().map(OriginatorBody::of).orElse(null));
    }

    @PutMapping("/ach/originator")
    OriginatorView change(@RequestBody @Valid OriginatorBody body) {
        originators.change(body.toOriginator());
        return originator();
    }

    @GetMapping("/check-books")
    List<CheckBook> books() {
        return checks.books();
    }

    @PutMapping("/check-books/{id}")
    List<CheckBook> changeBook(@PathVariable UUID id, @RequestBody CheckBookBody body) {
        checks.changeBook(id, Objects.requireNonNullElse(body.name(), ""), body.nextNumber(), body.staleDays());
        return checks.books();
    }

    record OriginatorView(@Nullable OriginatorBody originator) {}

    record CheckBookBody(@Nullable String name, long nextNumber, int staleDays) {}

    record OriginatorBody(
            @NotBlank @Size(max = 20) String odfiRouting,
            @NotBlank @Size(max = 30) String destinationName,
            @NotBlank @Size(max = 20) String immediateOrigin,
            @NotBlank @Size(max = 30) String originName,
            @NotBlank @Size(max = 30) String companyName,
            @NotBlank @Size(max = 20) String companyId,
            @NotBlank @Size(max = 20) String entryDescription,
            @NotNull LocalTime cutOff,
            int returnWindowDays) {

        static OriginatorBody of(AchOriginator originator) {
            return new OriginatorBody(
                    originator.odfiRouting(),
                    originator.destinationName(),
                    originator.immediateOrigin(),
                    originator.originName(),
                    originator.companyName(),
                    originator.companyId(),
                    originator.entryDescription(),
                    originator.cutOff(),
                    originator.returnWindowDays());
        }

        AchOriginator toOriginator() {
            return new AchOriginator(
                    odfiRouting.strip(),
                    destinationName.strip(),
                    immediateOrigin.strip(),
                    originName.strip(),
                    companyName.strip(),
                    companyId.strip(),
                    entryDescription.strip(),
                    cutOff,
                    returnWindowDays);
        }
    }
}
