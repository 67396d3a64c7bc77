package io.remitflow.remittance.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.intake.InboxDirectories;
import io.remitflow.intake.IntakeFile;
import io.remitflow.intake.IntakeFiles;
import io.remitflow.ledger.Journal;
import io.remitflow.remittance.AnsweredClaim;
import io.remitflow.remittance.PayeeIdentifiers;
import io.remitflow.remittance.Receipt;
import io.remitflow.remittance.RejectedFiles;
import io.remitflow.remittance.RemittanceDetail;
import io.remitflow.remittance.RemittanceFilter;
import io.remitflow.remittance.RemittanceRegister;
import io.remitflow.remittance.RemittanceReversals;
import io.remitflow.remittance.RemittanceReviews;
import io.remitflow.remittance.RemittanceState;
import io.remitflow.remittance.RemittanceSummary;
import io.remitflow.remittance.Remittances;
import io.remitflow.remittance.Settlement;
import io.remitflow.remittance.Settlements;
import io.remitflow.remittance.Takebacks;
import io.remitflow.workflow.Timeline;
import java.io.IOException;
import java.io.InputStream;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.CacheControl;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The worklist of remittances, and the page of each. */
@Controller
@PreAuthorize("hasAuthority('remittances.view')")
class RemittancesController {

    private static final int PAGE = 50;
    private static final int TREND_WEEKS = 12;
    private static final int TRENDS = 6;

    private final Remittances remittances;
    private final RemittanceReversals reversals;
    private final RemittanceReviews reviews;
    private final RemittanceRegister register;
    private final IntakeFiles files;
    private final PayeeIdentifiers payees;
    private final RejectedFiles rejected;
    private final InboxDirectories inbox;
    private final Takebacks takebacks;
    private final Settlements settlements;
    private final Journal journal;
    private final Organizations organizations;
    private final Timeline timeline;

    RemittancesController(
            Remittances remittances,
            RemittanceReversals reversals,
            RemittanceReviews reviews,
            RemittanceRegister register,
            IntakeFiles files,
            PayeeIdentifiers payees,
            RejectedFiles rejected,
            InboxDirectories inbox,
            Takebacks takebacks,
            Settlements settlements,
            Journal journal,
            Organizations organizations,
            Timeline timeline) {
        this.remittances = remittances;
        this.reversals = reversals;
        this.reviews = reviews;
        this.register = register;
        this.files = files;
        this.payees = payees;
        this.rejected = rejected;
        this.inbox = inbox;
        this.takebacks = takebacks;
        this.settlements = settlements;
        this.journal = journal;
        this.organizations = organizations;
        this.timeline = timeline;
    }

    @GetMapping("/app/remittances")
    String list(
            @RequestParam(required = false) @Nullable String state,
            @RequestParam(required = false) @Nullable String payer,
            @RequestParam(required = false) @Nullable LocalDate from,
            @RequestParam(required = false) @Nullable LocalDate to,
            @RequestParam(required = false) @Nullable String atLeast,
            @RequestParam(required = false) @Nullable String atMost,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        String currency = organizations.current().currency().getCode();
        var filter = new RemittanceFilter(
                RemittancesResource.state(state),
                payer == null || payer.isBlank() ? null : payer.strip(),
                from,
                to,
                RemittancesResource.amount(atLeast, currency),
                RemittancesResource.amount(atMost, currency));
        List<RemittanceSummary> page = register.list(filter, after, PAGE + 1);
        boolean more = page.size() > PAGE;
        List<RemittanceSummary> shown = more ? page.subList(0, PAGE) : page;
        model.addAttribute("remittances", shown);
        model.addAttribute("next", more ? shown.getLast().id() : null);
        model.addAttribute("totals", register.totals(filter));
        model.addAttribute("filter", filter);
        model.addAttribute("filtered", !filter.equals(RemittanceFilter.ALL));
        model.addAttribute("states", RemittanceState.values());
        model.addAttribute("rejectedFiles", rejected.openCount());
        model.addAttribute(
                "trends",
                register.trends(TREND_WEEKS, TRENDS).stream().map(Sparkline::of).toList());
        model.addAttribute("inbox", inbox.forRemittances());
        return "remittance/list";
    }

    @PostMapping("/app/remittances")
    @PreAuthorize("hasAuthority('remittances.receive')")
    String upload(
            @RequestParam MultipartFile file,
            @RequestParam(defaultValue = "false") boolean lookFirst,
            RedirectAttributes redirect)
            throws IOException {
        try (InputStream bytes = file.getInputStream()) {
            Receipt receipt = remittances.receive(
                    lookFirst ? "era-upload" + Remittances.LOOK_FIRST : "era-upload",
                    Objects.requireNonNullElse(file.getOriginalFilename(), "upload.835"),
                    bytes);
            redirect.addFlashAttribute("uploaded", text(receipt));
            redirect.addFlashAttribute("uploadFailed", receipt.file().state() == IntakeFile.State.REJECTED);
            return receipt.remittances().size() == 1
                            && receipt.file().state() == IntakeFile.State.ACCEPTED
                            && !receipt.repeated()
                    ? "redirect:/app/remittances/"
                            + receipt.remittances().getFirst().id()
                    : "redirect:/app/remittances";
        } catch (RuleViolation e) {
            redirect.addFlashAttribute("uploaded", "Not received: " + e.getMessage());
            redirect.addFlashAttribute("uploadFailed", true);
            return "redirect:/app/remittances";
        }
    }

    @GetMapping("/app/remittances/{id}")
    String detail(@PathVariable UUID id, @RequestParam(defaultValue = "0") int after, Model model) {
        RemittanceDetail detail = register.get(id);
        List<AnsweredClaim> claims = register.claims(id, after, PAGE + 1);
        boolean more = claims.size() > PAGE;
        List<AnsweredClaim> shown = more ? claims.subList(0, PAGE) : claims;
        model.addAttribute("detail", detail);
        model.addAttribute("remittance", detail.summary());
        model.addAttribute("claims", shown);
        model.addAttribute("notes", register.notes(id, shown));
        model.addAttribute("conflict", register.conflictOf(id).orElse(null));
        model.addAttribute("next", more ? shown.getLast().position() : null);
        Settlement settlement = settlements.ofRemittance(id).orElse(null);
        model.addAttribute("settlement", settlement);
        model.addAttribute("money", settlement == null ? List.of() : settlements.moneyOf(settlement.id()));
        UUID entry = detail.summary().journalEntryId();
        model.addAttribute("entry", entry == null ? null : journal.find(entry).orElse(null));
        model.addAttribute(
                "takebacks",
                takebacks.ofRemittance(id).stream()
                        .collect(Collectors.groupingBy(step -> Objects.requireNonNull(step.linePosition()))));
        model.addAttribute("timeline", timeline.of("remittance", id));
        RemittanceState state = detail.summary().state();
        model.addAttribute("pathText", pathText(state));
        model.addAttribute("balances", reviews.balances(id));
        model.addAttribute("reversal", reversals.of(id).orElse(null));
        model.addAttribute(
                "reversalObstacle",
                state == RemittanceState.POSTED ? reversals.obstacle(id).orElse(null) : null);
        return "remittance/detail";
    }

    @PostMapping("/app/remittances/{id}/reversal")
    @PreAuthorize("hasAuthority('remittances.approve')")
    String reverse(@PathVariable UUID id, @RequestParam String reason) {
        reversals.reverse(id, reason);
        return "redirect:/app/remittances/" + id;
    }

    @PostMapping("/app/remittances/{id}/reposting")
    @PreAuthorize("hasAuthority('remittances.approve')")
    String postAgain(@PathVariable UUID id, @RequestParam String reason) {
        return "redirect:/app/remittances/" + reversals.postAgain(id, reason);
    }

    /** The original bytes hold names and member ids: for those who may receive remittances. */
    @GetMapping("/app/remittances/{id}/file")
    @PreAuthorize("hasAuthority('remittances.receive')")
    ResponseEntity<InputStreamResource> file(@PathVariable UUID id) {
        RemittanceSummary remittance = register.get(id).summary();
        if (payees.isMisrouted(remittance.fileId())) {
            throw new RuleViolation(
                    Refusal.NOT_PERMITTED,
                    "This file also holds remittances of somebody else, so it is not handed out");
        }
        IntakeFile file = files.find(remittance.fileId()).orElseThrow(() -> RuleViolation.notFound("This file"));
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .contentLength(file.size())
                .cacheControl(CacheControl.noStore())
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment()
                                .filename(file.id() + ".835")
                                .build()
                                .toString())
                .body(new InputStreamResource(files.open(file.id())));
    }

    private static String pathText(RemittanceState state) {
        return switch (state) {
            case POSTED -> "No money and no responsibility moved";
            case HELD -> "Held: nothing of it is in the books";
            case REVIEW -> "Waits for a person: nothing of it is in the books";
            case REJECTED -> "Rejected: nothing of it is in the books";
            case REVERSED -> "Taken back: it had moved nothing";
            case DUPLICATE -> "Received before: posted once only";
        };
    }

    private static String text(Receipt receipt) {
        IntakeFile file = receipt.file();
        if (file.state() == IntakeFile.State.PARKED) {
            return "%s was put aside, see Operations: %s".formatted(file.originalName(), file.reason());
        }
        if (file.state() == IntakeFile.State.REJECTED) {
            return "%s was rejected: %s".formatted(file.originalName(), file.reason());
        }
        if (receipt.repeated()) {
            return "%s was received before; nothing was posted twice.".formatted(file.originalName());
        }
        long held = receipt.remittances().stream()
                .filter(part -> part.state() == RemittanceState.HELD)
                .count();
        long toReview = receipt.remittances().stream()
                .filter(part -> part.state() == RemittanceState.REVIEW)
                .count();
        int received = receipt.remittances().size();
        return "%s: %d %s received, %s%s."
                .formatted(
                        file.originalName(),
                        received,
                        received == 1 ? "remittance" : "remittances",
                        held == 0 ? "none held" : held + " held",
                        toReview == 0 ? "" : ", " + toReview + " to review");
    }
}
