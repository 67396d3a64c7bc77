package io.remitflow.reconciliation.web;

import io.remitflow.core.RuleViolation;
import io.remitflow.reconciliation.DailyReconciliation;
import io.remitflow.reconciliation.ReconciliationSettings;
import io.remitflow.reconciliation.Trigger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** For a scheduler outside: no sign-in, but a token that only it and we know. */
@RestController
@RequestMapping("/billing/reconciliation/runs/daily")
class DailyRunResource {

    private final DailyReconciliation daily;
    private final ReconciliationSettings settings;

    DailyRunResource(DailyReconciliation daily, ReconciliationSettings settings) {
        this.daily = daily;
        this.settings = settings;
    }

    /** Answers how many organizations were reconciled, and nothing about any of them. */
    @PostMapping
    ResponseEntity<Outcome> run(
            @RequestHeader(name = "x-reconciliation-token", required = false) @Nullable String token) {
        if (settings.dailyToken().isBlank()) {
            throw RuleViolation.notFound("the daily trigger");
        }
        if (!isToken(token)) {
            return ResponseEntity.status(HttpStatus.UNAUTHORIZED).build();
        }
        var outcome = daily.runAll(Trigger.TOKEN);
        return ResponseEntity.status(outcome.failed() == 0 ? HttpStatus.OK : HttpStatus.INTERNAL_SERVER_ERROR)
                .body(new Outcome(outcome.reconciled(), outcome.failed()));
    }

    /** By their hashes, so that the time it takes tells neither the content nor the length. */
    private boolean isToken(@Nullable String token) {
        return MessageDigest.isEqual(hash(token == null ? "" : token), hash(settings.dailyToken()));
    }

    private static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    record Outcome(int reconciled, int failed) {}
}
