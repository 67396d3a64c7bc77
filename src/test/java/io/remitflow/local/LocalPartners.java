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
        return List.of(
                claimMd(),
                new CardGatewayStandIn(LocalDirectories.root().resolve("data/card-gateway.json"))
                        .reportTo(webhook(Gateways.SANDBOX)),
                new StripeStandIn(LocalDirectories.root().resolve("data/stripe.json"))
                        .reportTo(webhook(Gateways.STRIPE)));
    }

    private static URI webhook(String provider) {
        return URI.create("http://127.0.0.1:%d/billing/payments/webhooks/%s/%s"
                .formatted(LocalPorts.fixed().application(), provider, DemoHospital.CODE));
    }

    /** The demo hospital's account there, with a remittance for a claim that no sample file answers. */
    private static ClaimMdStandIn claimMd() {
        var claimMd = new ClaimMdStandIn();
        claimMd.account(DemoHospital.CLAIMMD_ACCOUNT_KEY).era(1001, DemoHospital.CLAIMMD_ERA);
        return claimMd;
    }

    static void loadDemo(ApplicationContext application) {
        DemoHospital.load(application);
        DemoHospital.addStripePayment(
                application, URI.create("http://127.0.0.1:" + StripeStandIn.LOCAL_PORT), "pi_demo_mg_1014_1");
    }

    static Path inbox() {
        return LocalDirectories.root()
                .resolve("inbox")
                .resolve(DemoHospital.CODE)
                .resolve("era");
    }
}
