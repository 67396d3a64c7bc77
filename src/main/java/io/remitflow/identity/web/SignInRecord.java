package io.remitflow.identity.web;

import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.SignedIn;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Writes down who signed in, and who tried in vain. */
@Component
class SignInRecord {

    private static final Logger log = LoggerFactory.getLogger(SignInRecord.class);

    private final AuditLog audit;
    private final TransactionTemplate transactions;

    SignInRecord(AuditLog audit, TransactionTemplate transactions) {
        this.audit = audit;
        this.transactions = transactions;
    }

    void signedIn(SignedIn session, String source) {
        CurrentOrganization.run(
                session.organization(),
                () -> CurrentUser.run(
                        session.userId(),
                        () -> transactions.executeWithoutResult(transaction -> audit.record(
                                "user.signed-in", "user", session.userId().toString(), Map.of("source", source)))));
    }

    /** The name may be anything someone typed, a password even: it is not written down. */
    void failed(String source, boolean throttled) {
        log.warn("sign-in failed from {}{}", source, throttled ? " (throttled)" : "");
    }
}
