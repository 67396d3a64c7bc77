package io.remitflow.local;

import io.remitflow.payments.Gateways;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.springframework.context.ApplicationContext;

/** What the local run adds to the services: stand-ins for partners, and a hospital to try things with. */
final class LocalPartners {

    private LocalPartners() {}

    static List<LocalPartner> all() {
        URI webhook = URI.create("http://127.0.0.1:%d/billing/payments/webhooks/%s/%s"
                .formatted(LocalPorts.fixed().application(), Gateways.SANDBOX, DemoHospital.CODE));
        return List.of(
                new CardGatewayStandIn(LocalDirectories.root().resolve("data/card-gateway.json")).reportTo(webhook));
    }

    static void loadDemo(ApplicationContext application) {
        DemoHospital.load(application);
    }

    static Path inbox() {
        return LocalDirectories.root()
                .resolve("inbox")
                .resolve(DemoHospital.CODE)
                .resolve("era");
    }
}
