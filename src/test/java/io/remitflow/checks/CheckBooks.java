package io.remitflow.checks;

import io.remitflow.billing.InvoiceSetting;
import io.remitflow.billing.InvoiceType;
import io.remitflow.billing.Invoices;
import io.remitflow.billing.NewInvoice;
import io.remitflow.claims.CareSetting;
import io.remitflow.claims.Claims;
import io.remitflow.claims.NewClaim;
import io.remitflow.claims.NewPayer;
import io.remitflow.claims.Payers;
import io.remitflow.identity.BillingSettings.Delivery;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.ledger.ChartOfAccounts;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.local.TestHospital;
import io.remitflow.receivables.AccountPosting;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.receivables.Responsibility;
import io.remitflow.receivables.TransactionType;
import java.io.ByteArrayInputStream;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.springframework.context.ApplicationContext;

/** A hospital with facilities that get invoices and pay by check. */
public final class CheckBooks {

    public final TestHospital hospital;
    private final ApplicationContext context;

    public CheckBooks(ApplicationContext context) {
        this.context = context;
        this.hospital = TestHospital.create(context);
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /** As the billing manager, who may confirm. */
    public <T> T as(Supplier<T> work) {
        return as(Role.BILLING_MANAGER, work);
    }

    public <T> T as(Role role, Supplier<T> work) {
        var result = new AtomicReference<T>();
        hospital.runAs(role, () -> result.set(work.get()));
        return result.get();
    }

    public void run(Runnable work) {
        hospital.runAs(Role.BILLING_MANAGER, work);
    }

    public LocalDate today() {
        return hospital.call(bean(Organizations.class)::today);
    }

    public UUID facility(String name) {
        return as(() -> bean(PatientAccounts.class)
                .open(new NewPatientAccount("facility-" + UUID.randomUUID(), null, name, null, null, null)));
    }

    /** Sent today for a period that ended so many days ago. */
    public UUID invoice(UUID facility, int daysAgo, String amount) {
        LocalDate end = today().minusDays(daysAgo);
        return as(() -> {
            var invoices = bean(Invoices.class);
            UUID id = invoices.draft(new NewInvoice(
                    facility,
                    InvoiceType.INSTITUTIONAL,
                    InvoiceSetting.OUTPATIENT,
                    null,
                    end.plusDays(1).isAfter(today()) ? today() : end.plusDays(1),
                    null,
                    null,
                    List.of(new NewInvoice.Line(end, "Staffing, one week", null, 1, usd(amount), null))));
            invoices.send(id, Delivery.MAIL);
            return id;
        });
    }

    /** Of this patient; the payer has answered, and this is the patient's share. */
    public UUID claimWithShare(UUID patient, String share) {
        return as(() -> {
            UUID payer = bean(Payers.class).create(new NewPayer("Greenleaf", "commercial", "GL" + UUID.randomUUID()));
            UUID claim = bean(Claims.class)
                    .create(new NewClaim(
                            patient,
                            payer,
                            "C" + UUID.randomUUID().toString().substring(0, 8),
                            CareSetting.OUTPATIENT,
                            today(),
                            List.of(NewClaim.Line.procedure("99213", today(), usd("200.00")))));
            bean(PatientAccounts.class)
                    .record(new AccountPosting(
                            patient,
                            today().minusDays(40),
                            TransactionType.TRANSFER,
                            Responsibility.PATIENT,
                            usd(share),
                            claim,
                            null,
                            null,
                            null,
                            "Patient share",
                            "share:" + claim));
            return claim;
        });
    }

    /** Sent, for a visit of 20.00 and a share of a claim. */
    public UUID invoiceOfShare(UUID patient, UUID claim, String share) {
        return as(() -> {
            var invoices = bean(Invoices.class);
            UUID id = invoices.draft(new NewInvoice(
                    patient,
                    InvoiceType.PATIENT,
                    InvoiceSetting.OUTPATIENT,
                    null,
                    today(),
                    null,
                    null,
                    List.of(
                            new NewInvoice.Line(today(), "Visit", null, 1, usd("20.00"), null),
                            new NewInvoice.Line(today(), "Your share", null, 1, usd(share), claim))));
            invoices.send(id, Delivery.MAIL);
            return id;
        });
    }

    public Money shareOwed(UUID claim) {
        return as(() -> bean(PatientAccounts.class).patientBalanceOfClaim(claim));
    }

    public String invoiceNumber(UUID invoice) {
        return as(() -> bean(Invoices.class).get(invoice).number());
    }

    public Money due(UUID invoice) {
        return as(() -> bean(Invoices.class).get(invoice).due());
    }

    public String status(UUID invoice) {
        return as(() -> bean(Invoices.class).get(invoice).status().key());
    }

    public Money balance(UUID facility) {
        return as(() -> bean(PatientAccounts.class).get(facility).balance());
    }

    public Money ledger(StandardAccount account) {
        return as(() -> bean(ChartOfAccounts.class).get(account).balance());
    }

    public UUID payer(String pattern, UUID... facilities) {
        return as(() -> bean(CheckPayers.class).add(pattern, facilities.length == 0, java.util.Set.of(facilities)));
    }

    /** Received and read, without the engine. */
    public List<PaperCheck> staged(byte[] packet) {
        UUID id = Objects.requireNonNull(receive(packet).packetId());
        return as(() -> {
            bean(CheckPackets.class).read(id);
            return bean(Checks.class).ofPacket(id);
        });
    }

    public ReceivedPacket receive(byte[] packet) {
        return as(
                () -> bean(CheckPackets.class).receive("check-upload", "packet.pdf", new ByteArrayInputStream(packet)));
    }

    public PaperCheck check(UUID id) {
        return as(() -> bean(Checks.class).get(id));
    }

    public CheckPreview preview(UUID id) {
        return as(() -> bean(Checks.class).preview(id));
    }

    /** As it is shown now, with all its doubts seen. */
    public void confirm(UUID id) {
        confirm(id, check(id).version(), preview(id).seen());
    }

    public void confirm(UUID id, int version, String seen) {
        run(() -> bean(CheckConfirmations.class)
                .confirm(id, new CheckConfirmations.Confirmation(version, seen, true, null)));
    }

    /** A packet of one check with these lines. */
    public PacketPdf packet(String number, String payer, String digits, String words, PacketPdf.DrawnLine... lines) {
        String name = as(() -> bean(Organizations.class).current().name());
        return PacketPdf.from(payer).to(name).check(number, today(), payer, digits, words, lines);
    }

    public PacketPdf.DrawnLine line(UUID invoice, int daysAgo, String amount) {
        return new PacketPdf.DrawnLine(invoiceNumber(invoice), today().minusDays(daysAgo), amount);
    }

    public static Money usd(String amount) {
        return Money.of(CurrencyUnit.USD, new java.math.BigDecimal(amount));
    }
}
