package io.remitflow.claims.web;

import io.remitflow.claims.Insurance;
import io.remitflow.claims.Insurances;
import io.remitflow.claims.Subscriber;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/billing/patient-accounts/{accountId}/insurances")
class InsuranceResource {

    private final Insurances insurances;

    InsuranceResource(Insurances insurances) {
        this.insurances = insurances;
    }

    /** In the order of payers. */
    @GetMapping
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    List<InsuranceView> list(@PathVariable UUID accountId) {
        return insurances.ofAccount(accountId).stream().map(InsuranceView::of).toList();
    }

    @GetMapping("/{payerId}")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    InsuranceView get(@PathVariable UUID accountId, @PathVariable UUID payerId) {
        return InsuranceView.of(insurances.get(accountId, payerId));
    }

    /** Without a position a known insurance stays where it is, and a new one becomes the last. */
    @PutMapping("/{payerId}")
    @PreAuthorize("hasAuthority('patient-accounts.manage')")
    InsuranceView record(
            @PathVariable UUID accountId, @PathVariable UUID payerId, @RequestBody @Valid InsuranceBody body) {
        insurances.record(
                accountId,
                payerId,
                body.position(),
                new Subscriber(
                        body.memberId(),
                        body.groupNumber(),
                        body.familyName(),
                        body.givenName(),
                        body.birthDate(),
                        body.sex(),
                        body.street(),
                        body.city(),
                        body.state(),
                        body.postalCode()));
        return InsuranceView.of(insurances.get(accountId, payerId));
    }

    @DeleteMapping("/{payerId}")
    @PreAuthorize("hasAuthority('patient-accounts.manage')")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(@PathVariable UUID accountId, @PathVariable UUID payerId) {
        insurances.remove(accountId, payerId);
    }

    record InsuranceBody(
            @Nullable @Min(1) @Max(9) Integer position,
            @NotBlank @Size(max = 80) String memberId,
            @Nullable @Size(max = 50) String groupNumber,
            @NotBlank @Size(max = 60) String familyName,
            @NotNull @Size(max = 35) String givenName,
            @NotNull LocalDate birthDate,
            @NotNull @Pattern(regexp = "[FMU]") String sex,
            @NotBlank @Size(max = 55) String street,
            @NotBlank @Size(max = 30) String city,
            @NotNull @Pattern(regexp = "[A-Za-z]{2}") String state,
            @NotNull @Pattern(regexp = "\\d{5}(-?\\d{4})?") String postalCode) {

        @Override
        public String toString() {
            return "InsuranceBody[]";
        }
    }

    record InsuranceView(
            UUID payerId,
            String payerName,
            int position,
            String rank,
            String memberId,
            @Nullable String groupNumber,
            String familyName,
            String givenName,
            LocalDate birthDate,
            String sex,
            String street,
            String city,
            String state,
            String postalCode) {

        static InsuranceView of(Insurance insurance) {
            var subscriber = insurance.subscriber();
            return new InsuranceView(
                    insurance.payerId(),
                    insurance.payerName(),
                    insurance.position(),
                    insurance.rank(),
                    subscriber.memberId(),
                    subscriber.groupNumber(),
                    subscriber.familyName(),
                    subscriber.givenName(),
                    subscriber.birthDate(),
                    subscriber.sex(),
                    subscriber.street(),
                    subscriber.city(),
                    subscriber.state(),
                    subscriber.postalCode());
        }

        @Override
        public String toString() {
            return "InsuranceView[]";
        }
    }
}
