package io.remitflow.claims.web;

import io.remitflow.claims.NewPayer;
import io.remitflow.claims.Payer;
import io.remitflow.claims.Payers;
import io.remitflow.claims.Submissions;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/billing/payers")
class PayerResource {

    private final Payers payers;
    private final Submissions submissions;

    PayerResource(Payers payers, Submissions submissions) {
        this.payers = payers;
        this.submissions = submissions;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('payers.view')")
    List<PayerView> list() {
        var routes = submissions.routes();
        return payers.all().stream()
                .map(payer -> view(payer, routes.get(payer.id())))
                .toList();
    }

    @GetMapping("/{id}")
    @PreAuthorize("hasAuthority('payers.view')")
    PayerView get(@PathVariable UUID id) {
        return view(payers.get(id), submissions.routes().get(id));
    }

    @PostMapping
    @PreAuthorize("hasAuthority('settings.manage')")
    ResponseEntity<PayerView> create(@RequestBody @Valid NewPayerBody body) {
        UUID id = payers.create(new NewPayer(body.name(), body.payerClass(), body.remitIdentifier()));
        return ResponseEntity.created(URI.create("/billing/payers/" + id)).body(get(id));
    }

    @PutMapping("/{id}/terms")
    @PreAuthorize("hasAuthority('settings.manage')")
    PayerView terms(@PathVariable UUID id, @RequestBody @Valid TermsBody body) {
        payers.changeTerms(id, new Payers.Terms(body.appealDays(), body.patientBillingAllowed()));
        return get(id);
    }

    /** What is written off under the contract when it comes with CO or OA, for payers without reasons of their own. */
    @GetMapping("/accepted-adjustments")
    @PreAuthorize("hasAuthority('payers.view')")
    AcceptedView accepted() {
        return new AcceptedView(payers.acceptedAdjustments(null));
    }

    /** Null brings back what the installation says. */
    @PutMapping("/accepted-adjustments")
    @PreAuthorize("hasAuthority('settings.manage')")
    AcceptedView accept(@RequestBody @Valid AcceptedBody body) {
        payers.acceptAdjustments(body.reasonCodes());
        return accepted();
    }

    /** Null brings back what the organization says. */
    @PutMapping("/{id}/accepted-adjustments")
    @PreAuthorize("hasAuthority('settings.manage')")
    PayerView accept(@PathVariable UUID id, @RequestBody @Valid AcceptedBody body) {
        payers.acceptAdjustments(id, body.reasonCodes());
        return get(id);
    }

    private PayerView view(Payer payer, @Nullable String route) {
        return PayerView.of(
                payer,
                payers.terms(payer.id()),
                route,
                payers.ownAcceptedAdjustments(payer.id()).orElse(null));
    }

    /** Null if claims cannot be sent there. */
    @PutMapping("/{id}/claimmd-id")
    @PreAuthorize("hasAuthority('settings.manage')")
    PayerView route(@PathVariable UUID id, @RequestBody @Valid RouteBody body) {
        submissions.setRoute(id, body.claimMdPayerId());
        return get(id);
    }

    record NewPayerBody(
            @NotBlank @Size(max = 120) String name,

            @NotNull @Pattern(regexp = "commercial|medicare|medicaid|tricare|workers_comp|other") String payerClass,

            @NotBlank @Size(max = 80) String remitIdentifier) {}

    record TermsBody(
            @NotNull @Min(1) @Max(Payers.Terms.MAX_APPEAL_DAYS) Integer appealDays,

            boolean patientBillingAllowed) {}

    record AcceptedBody(@Nullable @Size(max = 100) Set<@NotNull String> reasonCodes) {}

    record AcceptedView(Set<String> reasonCodes) {}

    record RouteBody(
            @Nullable @Pattern(regexp = "[A-Za-z0-9]{2,20}") String claimMdPayerId) {}

    record PayerView(
            UUID id,
            String name,
            String payerClass,
            String remitIdentifier,
            @Nullable String claimMdPayerId,
            int appealDays,
            boolean patientBillingAllowed,
            @Nullable Set<String> acceptedAdjustments) {

        static PayerView of(Payer payer, Payers.Terms terms, @Nullable String route, @Nullable Set<String> accepted) {
            return new PayerView(
                    payer.id(),
                    payer.name(),
                    payer.payerClass(),
                    payer.remitIdentifier(),
                    route,
                    terms.appealDays(),
                    terms.patientBillingAllowed(),
                    accepted);
        }
    }
}
