package io.remitflow.checks.web;

import io.remitflow.checks.CheckMail;
import io.remitflow.checks.CheckMails;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Size;
import java.time.Instant;
import java.util.Arrays;
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
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Scans that came by mail, over HTTP. */
@RestController
@RequestMapping("/billing/checks/mails")
class CheckMailResource {

    private final CheckMails mails;

    CheckMailResource(CheckMails mails) {
        this.mails = mails;
    }

    /** Newest first. */
    @GetMapping
    @PreAuthorize("hasAuthority('checks.view')")
    List<MailView> list(@RequestParam(defaultValue = "") String state, @RequestParam(defaultValue = "50") int limit) {
        return mails.list(state(state), limit).stream().map(this::view).toList();
    }

    @GetMapping("/{id}")
    @PreAuthorize("hasAuthority('checks.view')")
    MailView get(@PathVariable UUID id) {
        return view(mails.get(id));
    }

    /** Takes its attachments over, although nothing proves its sender. */
    @PostMapping("/{id}/acceptance")
    @PreAuthorize("hasAuthority('checks.receive')")
    MailView accept(@PathVariable UUID id) {
        mails.accept(id, false);
        return view(mails.get(id));
    }

    @PostMapping("/{id}/discarding")
    @PreAuthorize("hasAuthority('checks.receive')")
    MailView discard(@PathVariable UUID id, @RequestBody @Valid DiscardBody body) {
        mails.get(id);
        mails.discard(id, Objects.requireNonNullElse(body.reason(), ""));
        return view(mails.get(id));
    }

    private MailView view(CheckMail mail) {
        return new MailView(
                mail.id(),
                mail.sender(),
                mail.subject(),
                mail.authentication(),
                mail.state().key(),
                mail.reason(),
                mail.receivedAt(),
                mail.attachments(),
                mails.attached(mail.id()).stream()
                        .map(one -> new AttachmentView(one.name(), one.problem(), one.packetId()))
                        .toList());
    }

    private static CheckMail.@Nullable State state(String key) {
        if (key.isBlank()) {
            return null;
        }
        return Arrays.stream(CheckMail.State.values())
                .filter(state -> state.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "there is no such state"));
    }

    record DiscardBody(@Nullable @Size(max = 500) String reason) {}

    record AttachmentView(
            String name, @Nullable String problem, @Nullable UUID packetId) {}

    record MailView(
            UUID id,
            String sender,
            String subject,
            String authentication,
            String state,
            @Nullable String reason,
            Instant receivedAt,
            List<String> attached,
            List<AttachmentView> received) {}
}
