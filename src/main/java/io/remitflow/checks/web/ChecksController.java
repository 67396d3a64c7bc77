package io.remitflow.checks.web;

import io.remitflow.checks.CheckConfirmations;
import io.remitflow.checks.CheckFilter;
import io.remitflow.checks.CheckMails;
import io.remitflow.checks.CheckPacket;
import io.remitflow.checks.CheckPackets;
import io.remitflow.checks.CheckRemainders;
import io.remitflow.checks.CheckStatus;
import io.remitflow.checks.CheckSummary;
import io.remitflow.checks.Checks;
import io.remitflow.checks.ReceivedPacket;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.intake.InboxDirectories;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The list of checks, and the packets they came in. */
@Controller
@RequestMapping("/app/checks")
class ChecksController {

    private static final int PAGE_SIZE = 50;
    private static final int MOST_FILES = 50;

    private final Checks checks;
    private final CheckPackets packets;
    private final CheckConfirmations confirmations;
    private final CheckRemainders remainders;
    private final CheckMails mails;
    private final InboxDirectories inbox;

    ChecksController(
            Checks checks,
            CheckPackets packets,
            CheckConfirmations confirmations,
            CheckRemainders remainders,
            CheckMails mails,
            InboxDirectories inbox) {
        this.checks = checks;
        this.packets = packets;
        this.confirmations = confirmations;
        this.remainders = remainders;
        this.mails = mails;
        this.inbox = inbox;
    }

    @GetMapping
    @PreAuthorize("hasAuthority('checks.view')")
    String list(
            @RequestParam(defaultValue = "needs_review") String status,
            @RequestParam(defaultValue = "") String text,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        var filter = new CheckFilter(status(status), text.isBlank() ? null : text, after, PAGE_SIZE);
        List<CheckSummary> page = checks.list(filter);
        model.addAttribute("checks", page);
        model.addAttribute(
                "next", page.size() < PAGE_SIZE ? null : page.getLast().id());
        model.addAttribute("status", status);
        model.addAttribute("text", text);
        model.addAttribute("statuses", CheckStatus.values());
        model.addAttribute("totals", checks.totals());
        List<CheckPacket> unread = packets.unread(PAGE_SIZE + 1);
        model.addAttribute("unread", unread.stream().limit(PAGE_SIZE).toList());
        model.addAttribute("moreUnread", unread.size() > PAGE_SIZE);
        model.addAttribute("settling", confirmations.settling());
        model.addAttribute("unapplied", remainders.total().orElse(null));
        model.addAttribute("quarantined", mails.quarantined());
        model.addAttribute("inbox", inbox.forChecks());
        return "checks/list";
    }

    @PostMapping
    @PreAuthorize("hasAuthority('checks.receive')")
    String upload(
            @RequestParam(name = "file", required = false) @Nullable List<MultipartFile> files,
            @RequestHeader(name = "HX-Request", defaultValue = "false") boolean htmx,
            Model model,
            RedirectAttributes redirect)
            throws IOException {
        List<Uploaded> uploaded = new ArrayList<>();
        for (MultipartFile file : files == null ? List.<MultipartFile>of() : files) {
            uploaded.add(
                    uploaded.size() < MOST_FILES
                            ? receive(file)
                            : new Uploaded(
                                    Objects.requireNonNullElse(file.getOriginalFilename(), "packet"),
                                    null,
                                    "Not received: at most %d files at once".formatted(MOST_FILES),
                                    true));
        }
        if (htmx) {
            model.addAttribute("uploaded", uploaded);
            return "checks/uploaded :: uploaded";
        }
        redirect.addFlashAttribute("uploaded", uploaded);
        return "redirect:/app/checks";
    }

    @GetMapping("/packets/{id}")
    @PreAuthorize("hasAuthority('checks.view')")
    String packet(@PathVariable UUID id, Model model) {
        CheckPacket packet = packets.get(id);
        model.addAttribute("packet", packet);
        model.addAttribute("checks", checks.ofPacket(id));
        return "checks/packet";
    }

    @PostMapping("/packets/{id}/manual-entry")
    @PreAuthorize("hasAuthority('checks.receive')")
    String enterByHand(@PathVariable UUID id) {
        packets.enterByHand(id);
        return "redirect:/app/checks/packets/" + id;
    }

    /** Kept by nobody, the browser neither: it shows payer and patient. */
    @GetMapping("/packets/{id}/pages/{page}")
    @PreAuthorize("hasAuthority('checks.view')")
    ResponseEntity<byte[]> page(@PathVariable UUID id, @PathVariable String page) {
        packets.get(id);
        int number = page.matches("[0-9]{1,3}") ? Integer.parseInt(page) : 0;
        return ResponseEntity.ok()
                .contentType(MediaType.IMAGE_PNG)
                .cacheControl(CacheControl.noStore())
                .body(packets.page(id, number));
    }

    private Uploaded receive(MultipartFile file) throws IOException {
        String name = Objects.requireNonNullElse(file.getOriginalFilename(), "packet");
        try (InputStream bytes = file.getInputStream()) {
            ReceivedPacket received = packets.receive("check-upload", name, bytes);
            String shown = received.file().originalName();
            if (received.packetId() == null) {
                String reason = Objects.requireNonNullElse(received.file().reason(), "It is still being looked at");
                return new Uploaded(shown, null, reason, true);
            }
            return new Uploaded(
                    shown,
                    received.packetId(),
                    received.repeated() ? "Received before: nothing was staged again" : "Received, being read",
                    false);
        } catch (RuleViolation e) {
            return new Uploaded(
                    name.length() > 100 ? name.substring(0, 100) : name, null, String.valueOf(e.getMessage()), true);
        }
    }

    static @Nullable CheckStatus status(String key) {
        return key.isBlank() || key.equals("all")
                ? null
                : CheckStatus.ofKey(key)
                        .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "there is no such status"));
    }

    /** What became of one file. */
    public record Uploaded(String name, @Nullable UUID packetId, String text, boolean failed) {}
}
