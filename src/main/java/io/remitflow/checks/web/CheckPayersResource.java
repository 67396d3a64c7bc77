package io.remitflow.checks.web;

import io.remitflow.checks.CheckPayers;
import io.remitflow.checks.CheckRemainder;
import io.remitflow.checks.CheckRemainders;
import io.remitflow.checks.CheckSettings;
import io.remitflow.checks.PayerMatch;
import io.remitflow.checks.PayerProposal;
import io.remitflow.checks.PayerRule;
import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Payers of checks, and what of their checks is unapplied, over HTTP. */
@RestController
@RequestMapping("/billing/checks")
class CheckPayersResource {

    private final CheckPayers payers;
    private final CheckSettings settings;
    private final CheckRemainders remainders;

    CheckPayersResource(CheckPayers payers, CheckSettings settings, CheckRemainders remainders) {
        this.settings = settings;
        this.payers = payers;
        this.remainders = remainders;
    }

    @GetMapping("/payers")
    @PreAuthorize("hasAuthority('checks.view')")
    List<PayerView> payers() {
        return payers.rules().stream().map(PayerView::of).toList();
    }

    /** What the rules say about a name on a check. */
    @GetMapping("/payers/match")
    @PreAuthorize("hasAuthority('checks.view')")
    MatchView match(@RequestParam(defaultValue = "") String name) {
        return MatchView.of(payers.match(name));
    }

    @PostMapping("/payers")
    @PreAuthorize("hasAuthority('checks.confirm')")
    ResponseEntity<PayerView> add(@RequestBody @Valid PayerBody body) {
        UUID id = payers.add(
                Objects.requireNonNullElse(body.pattern(), ""),
                body.coversAll(),
                Objects.requireNonNullElse(body.facilities(), Set.of()));
        return ResponseEntity.created(URI.create("/billing/checks/payers/" + id))
                .body(PayerView.of(rule(id)));
    }

    @PutMapping("/payers/{id}")
    @PreAuthorize("hasAuthority('checks.confirm')")
    PayerView change(@PathVariable UUID id, @RequestBody @Valid PayerBody body) {
        rule(id);
        payers.change(id, body.coversAll(), Objects.requireNonNullElse(body.facilities(), Set.of()));
        return PayerView.of(rule(id));
    }

    /** What people picked for payers that no rule knows. */
    @GetMapping("/payers/proposals")
    @PreAuthorize("hasAuthority('checks.view')")
    List<PayerProposal> proposals() {
        return payers.proposals();
    }

    @PostMapping("/payers/proposals/{id}/acceptance")
    @PreAuthorize("hasAuthority('checks.confirm')")
    PayerView accept(@PathVariable UUID id) {
        return PayerView.of(rule(payers.accept(id)));
    }

    @PostMapping("/payers/proposals/{id}/dismissal")
    @PreAuthorize("hasAuthority('checks.confirm')")
    ResponseEntity<Void> dismiss(@PathVariable UUID id) {
        payers.dismiss(id);
        return ResponseEntity.noContent().build();
    }

    /** How many days the date of a line may lie from an invoice. */
    @GetMapping("/window")
    @PreAuthorize("hasAuthority('checks.view')")
    WindowView window() {
        return new WindowView(settings.windowDays());
    }

    @PutMapping("/window")
    @PreAuthorize("hasAuthority('checks.confirm')")
    WindowView changeWindow(@RequestBody WindowView body) {
        settings.changeWindow(body.days());
        return window();
    }

    /** After how many months a check is stale. */
    @GetMapping("/stale-months")
    @PreAuthorize("hasAuthority('checks.view')")
    StaleView stale() {
        return new StaleView(settings.staleMonths());
    }

    @PutMapping("/stale-months")
    @PreAuthorize("hasAuthority('checks.confirm')")
    StaleView changeStale(@RequestBody StaleView body) {
        settings.changeStaleMonths(body.months());
        return stale();
    }

    @DeleteMapping("/payers/{id}")
    @PreAuthorize("hasAuthority('checks.confirm')")
    ResponseEntity<Void> remove(@PathVariable UUID id) {
        payers.remove(id);
        return ResponseEntity.noContent().build();
    }

    @GetMapping("/remainders")
    @PreAuthorize("hasAuthority('checks.view')")
    List<RemainderView> remainders() {
        return remainders.open(200).stream().map(RemainderView::of).toList();
    }

    /** Pays an invoice with some of it; {@code seen} is what remained when somebody looked. */
    @PostMapping("/remainders/{id}/assignment")
    @PreAuthorize("hasAuthority('checks.confirm')")
    RemainderView assign(@PathVariable UUID id, @RequestBody @Valid AssignmentBody body) {
        CheckRemainder remainder = remainders.get(id);
        String currency = remainder.remaining().getCurrencyUnit().getCode();
        UUID invoice = body.invoiceId();
        String amount = body.amount();
        String seen = body.seen();
        if (invoice == null || amount == null || seen == null) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT, "say which invoice, how much, and what remained when you looked");
        }
        remainders.assign(id, invoice, Amounts.parse(amount, currency), Amounts.parse(seen, currency));
        return RemainderView.of(remainders.get(id));
    }

    private PayerRule rule(UUID id) {
        return payers.rules().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow(() -> RuleViolation.notFound("the payer"));
    }

    record WindowView(int days) {}

    record StaleView(int months) {}

    record PayerBody(
            @Nullable @Size(max = 200) String pattern,
            boolean coversAll,
            @Nullable @Size(max = 500) Set<UUID> facilities) {}

    record PayerView(UUID id, String pattern, boolean coversAll, Set<UUID> facilities) {

        static PayerView of(PayerRule rule) {
            return new PayerView(rule.id(), rule.pattern(), rule.coversAll(), rule.facilities());
        }
    }

    record MatchView(String outcome, boolean coversAll, Set<UUID> facilities, List<UUID> rules) {

        static MatchView of(PayerMatch match) {
            return new MatchView(
                    match.outcome().name().toLowerCase(Locale.ROOT),
                    match.coversAll(),
                    match.facilities(),
                    match.rules().stream().map(PayerRule::id).toList());
        }
    }

    record AssignmentBody(
            @Nullable UUID invoiceId,
            @Nullable @Size(max = 30) String amount,
            @Nullable @Size(max = 30) String seen) {}

    record RemainderView(
            UUID id, UUID checkId, String number, @Nullable UUID facilityId, String remaining, String currency) {

        static RemainderView of(CheckRemainder remainder) {
            return new RemainderView(
                    remainder.id(),
                    remainder.checkId(),
                    remainder.number(),
                    remainder.facilityId(),
                    remainder.remaining().getAmount().toPlainString(),
                    remainder.remaining().getCurrencyUnit().getCode());
        }
    }
}
