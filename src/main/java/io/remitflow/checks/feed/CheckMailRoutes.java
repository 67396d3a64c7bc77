package io.remitflow.checks.feed;

import io.remitflow.checks.CheckMailSettings;
import io.remitflow.checks.CheckMailSettings.Mailbox;
import java.time.Duration;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** A route for each mailbox that is configured; none is, unless somebody does. */
@Component
public class CheckMailRoutes {

    private final CamelContext camel;
    private final CheckMailSettings settings;

    CheckMailRoutes(CamelContext camel, CheckMailSettings settings) {
        this.camel = camel;
        this.settings = settings;
    }

    @EventListener(ApplicationReadyEvent.class)
    void open() {
        settings.mailboxes().forEach(mailbox -> open(camel, mailbox, settings.pollEvery()));
    }

    static String open(CamelContext camel, Mailbox mailbox, Duration every) {
        return TemplatedRouteBuilder.builder(camel, "check-mail")
                .routeId("check-mail-" + mailbox.organization())
                .parameter("organization", mailbox.organization())
                .parameter("server", mailbox.server())
                .bean("mailUsername", mailbox.username())
                .bean("mailPassword", mailbox.password())
                .parameter("folder", mailbox.folder())
                .parameter("authservId", mailbox.authservId())
                .parameter("every", every.toMillis())
                .add();
    }
}
