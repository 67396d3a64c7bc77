package io.remitflow.remittance.web;

import io.remitflow.core.RuleViolation;
import io.remitflow.intake.InboxDirectories;
import io.remitflow.intake.IntakeFile;
import io.remitflow.intake.IntakeFiles;
import io.remitflow.remittance.AnsweredClaim;
import io.remitflow.remittance.Receipt;
import io.remitflow.remittance.RemittanceDetail;
import io.remitflow.remittance.RemittanceFilter;
import io.remitflow.remittance.RemittanceRegister;
import io.remitflow.remittance.RemittanceState;
import io.remitflow.remittance.RemittanceSummary;
import io.remitflow.remittance.Remittances;
import io.remitflow.workflow.Timeline;
import java.io.IOException;
import java.io.InputStream;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
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

/** The worklist of remittances, the page of each, and the denials. */
@Controller
@PreAuthorize("hasAuthority('remittances.view')")
class RemittancesController {

    private static final int PAGE = 50;

    private final Remittances remittances;
    private final RemittanceRegister register;
    private final IntakeFiles files;
    private final InboxDirectories inbox;
    private final Timeline timeline;

    RemittancesController(
            Remittances remittances,
            RemittanceRegister register,
            IntakeFiles files,
            InboxDirectories inbox,
            Timeline timeline) {
        this.remittances = remittances;
        this.register = register;
        this.files = files;
        this.inbox = inbox;
        this.timeline = timeline;
    }

    @GetMapping("/app/remittances")
    String list(
            @RequestParam(required = false) @Nullable String state,
            @RequestParam(required = false) @Nullable String payer,
            @RequestParam(required = false) @Nullable LocalDate from,
            @RequestParam(required = false) @Nullable LocalDate to,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        var filter = new RemittanceFilter(RemittancesResource.state(state), payer, from, to);
        List<RemittanceSummary> page = register.list(filter, after, PAGE + 1);
        boolean more = page.size() > PAGE;
        List<RemittanceSummary> shown = more ? page.subList(0, PAGE) : page;
        model.addAttribute("remittances", shown);
        model.addAttribute("next", more ? shown.getLast().id() : null);
        model.addAttribute("totals", register.totals(filter));
        model.addAttribute("filter", filter);
        model.addAttribute("filtered", !filter.equals(RemittanceFilter.ALL));
        model.addAttribute("states", RemittanceState.values());
        model.addAttribute("inbox", inbox.forRemittances());
        return "remittance/list";
    }

    @PostMapping("/app/remittances")
    @PreAuthorize("hasAuthority('remittances.receive')")
    String upload(@RequestParam MultipartFile file, RedirectAttributes redirect) throws IOException {
        try (InputStream bytes = file.getInputStream()) {
            Receipt receipt = remittances.receive(
                    "era-upload", Objects.requireNonNullElse(file.getOriginalFilename(), "upload.835"), bytes);
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
        model.addAttribute("next", more ? shown.getLast().position() : null);
        model.addAttribute("timeline", timeline.of("remittance", id));
        return "remittance/detail";
    }

    /** The original bytes hold names and member ids: for those who may receive remittances. */
    @GetMapping("/app/remittances/{id}/file")
    @PreAuthorize("hasAuthority('remittances.receive')")
    ResponseEntity<InputStreamResource> file(@PathVariable UUID id) {
        RemittanceSummary remittance = register.get(id).summary();
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

    @GetMapping("/app/denials")
    String denials(@RequestParam(required = false) @Nullable UUID after, Model model) {
        List<AnsweredClaim> claims = register.denials(after, PAGE + 1);
        boolean more = claims.size() > PAGE;
        List<AnsweredClaim> shown = more ? claims.subList(0, PAGE) : claims;
        model.addAttribute("claims", shown);
        model.addAttribute("next", more ? shown.getLast().id() : null);
        model.addAttribute("totals", register.totals(RemittanceFilter.ALL));
        return "remittance/denials";
    }

    private static String text(Receipt receipt) {
        IntakeFile file = receipt.file();
        if (file.state() == IntakeFile.State.REJECTED) {
            return "%s was rejected: %s".formatted(file.originalName(), file.reason());
        }
        if (receipt.repeated()) {
            return "%s was received before; nothing was posted twice.".formatted(file.originalName());
        }
        long held = receipt.remittances().stream()
                .filter(part -> part.state() == RemittanceState.HELD)
                .count();
        int received = receipt.remittances().size();
        return "%s: %d %s received, %s."
                .formatted(
                        file.originalName(),
                        received,
                        received == 1 ? "remittance" : "remittances",
                        held == 0 ? "none held" : held + " held");
    }
}
