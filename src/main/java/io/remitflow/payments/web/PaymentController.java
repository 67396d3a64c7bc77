package io.remitflow.payments.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.payments.Checkouts;
import io.remitflow.payments.CounterPayments;
import io.remitflow.payments.Deposits;
import io.remitflow.payments.Disputes;
import io.remitflow.payments.Payment;
import io.remitflow.payments.PaymentFilter;
import io.remitflow.payments.PaymentPanel;
import io.remitflow.payments.PaymentStatus;
import io.remitflow.payments.Payments;
import io.remitflow.payments.Payout;
import io.remitflow.payments.PayoutLine;
import io.remitflow.payments.Payouts;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** Payments of patients for people: all of them, and each with what went back or is disputed. */
@Controller
@RequestMapping("/app/payments")
@PreAuthorize("hasAuthority('patient-accounts.view')")
class PaymentController {

    private static final int PAGE_SIZE = 50;

    private final Payments payments;
    private final Disputes disputes;
    private final Checkouts checkouts;
    private final Payouts payouts;
    private final Deposits deposits;
    private final CounterPayments counter;
    private final PatientAccounts accounts;
    private final ObjectProvider<PaymentPanel> panels;

    PaymentController(
            Payments payments,
            Disputes disputes,
            Checkouts checkouts,
            Payouts payouts,
            Deposits deposits,
            CounterPayments counter,
            PatientAccounts accounts,
            ObjectProvider<PaymentPanel> panels) {
        this.payments = payments;
        this.disputes = disputes;
        this.checkouts = checkouts;
        this.payouts = payouts;
        this.deposits = deposits;
        this.counter = counter;
        this.accounts = accounts;
        this.panels = panels;
    }

    @GetMapping
    String list(
            @RequestParam(defaultValue = "all") String show,
            @RequestParam(required = false) @Nullable UUID after,
            Model model) {
        var filter = new PaymentFilter(null, null, show.equals("all") ? null : status(show), after, PAGE_SIZE);
        List<Payment> found = payments.list(filter);
        Map<UUID, PatientAccount> known =
                accounts.all(found.stream().map(Payment::accountId).toList());
        model.addAttribute("show", show);
        model.addAttribute(
                "states",
                List.of(
                        PaymentStatus.COMPLETED,
                        PaymentStatus.PARTIALLY_REFUNDED,
                        PaymentStatus.REFUNDED,
                        PaymentStatus.DISPUTED,
                        PaymentStatus.RETURNED));
        model.addAttribute(
                "rows",
                found.stream()
                        .map(payment -> Row.of(payment, known.get(payment.accountId())))
                        .toList());
        model.addAttribute(
                "next", found.size() < PAGE_SIZE ? null : found.getLast().id());
        return "payments/payments";
    }

    @GetMapping("/{id}")
    String payment(@PathVariable UUID id, Model model) {
        Payment payment = payments.get(id);
        model.addAttribute("row", Row.of(payment, accounts.get(payment.accountId())));
        model.addAttribute("disputes", disputes.ofPayment(id));
        model.addAttribute("overdrawn", disputes.overdrawn(id));
        model.addAttribute("checkout", checkouts.ofPayment(id).orElse(null));
        model.addAttribute(
                "payouts",
                payouts.ofPayment(id).stream()
                        .map(line -> new Carried(payouts.get(line.payoutId()), line))
                        .toList());
        model.addAttribute("allocations", counter.allocations(id));
        model.addAttribute("checkDate", counter.checkDate(id));
        model.addAttribute("deposit", deposits.ofReceipt("payment", id).orElse(null));
        model.addAttribute(
                "panels",
                panels.stream()
                        .sorted(Comparator.comparingInt(PaymentPanel::order))
                        .map(panel -> new Panel(panel.fragment(), panel.model(payment)))
                        .toList());
        return "payments/payment";
    }

    record Panel(String fragment, Object model) {}

    /** What a payout has of the payment. */
    record Carried(Payout payout, PayoutLine line) {}

    private static PaymentStatus status(String key) {
        try {
            return PaymentStatus.ofKey(key);
        } catch (IllegalArgumentException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "unknown filter");
        }
    }

    record Row(Payment payment, String accountNumber, String patient) {
        static Row of(Payment payment, @Nullable PatientAccount account) {
            return new Row(
                    payment, account == null ? "" : account.number(), account == null ? "" : account.patientName());
        }
    }
}
