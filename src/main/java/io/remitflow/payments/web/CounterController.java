package io.remitflow.payments.web;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.Organizations;
import io.remitflow.payments.CounterPayments;
import io.remitflow.payments.CounterPayments.Kind;
import io.remitflow.payments.CounterPayments.Part;
import io.remitflow.payments.CounterPayments.Proposed;
import io.remitflow.payments.IdempotentRequests;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.PaymentMethod;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.ui.Download;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.format.annotation.DateTimeFormat;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Cash, checks and cards taken at the desk: what they pay is proposed, and the patient gets a receipt. */
@Controller
@RequestMapping("/app/payments")
class CounterController {

    private static final List<PaymentMethod> METHODS =
            List.of(PaymentMethod.CASH, PaymentMethod.CHECK, PaymentMethod.CREDIT_CARD, PaymentMethod.DEBIT_CARD);

    private final CounterPayments counter;
    private final Payments payments;
    private final PatientAccounts accounts;
    private final IdempotentRequests requests;
    private final Organizations organizations;

    CounterController(
            CounterPayments counter,
            Payments payments,
            PatientAccounts accounts,
            IdempotentRequests requests,
            Organizations organizations) {
        this.counter = counter;
        this.payments = payments;
        this.accounts = accounts;
        this.requests = requests;
        this.organizations = organizations;
    }

    /** What the form has, as it was typed. */
    record Form(
            String key,
            String method,
            String amount,
            @Nullable LocalDate date,
            String checkNumber,
            @Nullable LocalDate checkDate,
            String last4,
            String confirmation) {}

    @GetMapping("/new")
    @PreAuthorize("hasAuthority('payments.post')")
    String form(
            @RequestParam(required = false) @Nullable UUID account,
            @RequestParam(defaultValue = "") String number,
            Model model) {
        PatientAccount of = account != null
                ? accounts.get(account)
                : number.isBlank()
                        ? null
                        : accounts.byNumber(number).orElseThrow(() -> RuleViolation.notFound("this patient account"));
        var form = new Form(UUID.randomUUID().toString(), "cash", "", organizations.today(), "", null, "", "");
        return show(of, form, model);
    }

    /** For htmx: what an amount would pay, oldest first. */
    @GetMapping("/new/{account}/allocation")
    @PreAuthorize("hasAuthority('payments.post')")
    String allocation(@PathVariable UUID account, @RequestParam(defaultValue = "") String amount, Model model) {
        propose(accounts.get(account).id(), amount, model);
        return "payments/take :: allocation";
    }

    @PostMapping
    @PreAuthorize("hasAuthority('payments.post')")
    String take(
            @RequestParam UUID account,
            @RequestParam String key,
            @RequestParam(defaultValue = "") String method,
            @RequestParam(defaultValue = "") String amount,
            @RequestParam(required = false) @DateTimeFormat(iso = DateTimeFormat.ISO.DATE) @Nullable LocalDate date,
            @RequestParam(defaultValue = "") String checkNumber,
            @RequestParam(required = false) @DateTimeFormat(iso = DateTimeFormat.ISO.DATE) @Nullable LocalDate checkDate,
            @RequestParam(defaultValue = "") String last4,
            @RequestParam(defaultValue = "") String confirmation,
            @RequestParam(defaultValue = "false") boolean anotherCheck,
            @RequestParam(defaultValue = "") String proposedFor,
            @RequestParam(name = "part", required = false) @Nullable List<String> parts,
            @RequestParam(name = "partAmount", required = false) @Nullable List<String> partAmounts,
            Model model,
            RedirectAttributes after) {
        var form = new Form(key, method, amount, date, checkNumber, checkDate, last4, confirmation);
        Money paid = money(amount);
        if (!plain(proposedFor).equals(plain(amount))) {
            model.addAttribute("message", "Look at what it pays, then take it.");
            return show(accounts.get(account), form, model);
        }
        List<Part> chosen = parts(parts, partAmounts);
        NewPayment payment = payment(account, form, paid);
        LocalDate ofCheck = payment.method() == PaymentMethod.CHECK ? checkDate : null;
        UUID id;
        try {
            id = requests.once(
                    "counter",
                    key,
                    List.of(payment, String.valueOf(ofCheck), chosen),
                    () -> counter.take(payment, ofCheck, chosen, anotherCheck));
        } catch (RuleViolation refused) {
            if (refused.refusal() != Refusal.CHECK_TAKEN_BEFORE) {
                throw refused;
            }
            model.addAttribute("takenBefore", refused.getMessage());
            return show(accounts.get(account), form, model);
        }
        after.addFlashAttribute("message", "Taken and booked. Print the receipt for the patient.");
        return "redirect:/app/payments/" + id;
    }

    @GetMapping("/{id}/receipt")
    @PreAuthorize("hasAuthority('patient-accounts.view')")
    ResponseEntity<byte[]> receipt(@PathVariable UUID id) {
        return receipt(counter, payments, id);
    }

    static ResponseEntity<byte[]> receipt(CounterPayments counter, Payments payments, UUID id) {
        byte[] pdf = counter.receipt(id);
        return Download.of("receipt-%s.pdf".formatted(payments.get(id).number()), MediaType.APPLICATION_PDF, pdf);
    }

    private String show(@Nullable PatientAccount account, Form form, Model model) {
        model.addAttribute("account", account);
        model.addAttribute("form", form);
        model.addAttribute("methods", METHODS);
        model.addAttribute("today", organizations.today());
        if (account != null) {
            propose(account.id(), form.amount(), model);
        }
        return "payments/take";
    }

    private void propose(UUID account, String amount, Model model) {
        Money paid;
        try {
            paid = money(amount);
        } catch (RuleViolation e) {
            // Half of an amount while it is typed; the form says so when it is sent.
            paid = Money.zero(organizations.current().currency());
        }
        List<Proposed> proposed = counter.propose(accounts.get(account).id(), paid);
        model.addAttribute("proposed", proposed);
        model.addAttribute("proposedFor", amount);
        model.addAttribute("left", proposed.stream().map(Proposed::amount).reduce(paid, Money::minus));
    }

    private static NewPayment payment(UUID account, Form form, Money paid) {
        PaymentMethod method = METHODS.stream()
                .filter(each -> each.key().equals(form.method()))
                .findFirst()
                .orElseThrow(() -> new RuleViolation(Refusal.INVALID_INPUT, "it is cash, a check or a card"));
        LocalDate date = form.date();
        if (date == null) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say on which day it was paid");
        }
        boolean card = method == PaymentMethod.CREDIT_CARD || method == PaymentMethod.DEBIT_CARD;
        String last4 = card ? blankToNull(form.last4()) : null;
        if (last4 != null && !last4.matches("\\d{4}")) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "of a card give the last four digits, never more");
        }
        String reference = blankToNull(method == PaymentMethod.CHECK ? form.checkNumber() : form.confirmation());
        if (reference != null && reference.length() > 100) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a confirmation has at most 100 characters");
        }
        return new NewPayment(account, null, date, paid, method, reference, last4, null, null);
    }

    private List<Part> parts(@Nullable List<String> parts, @Nullable List<String> amounts) {
        List<Part> chosen = new ArrayList<>();
        if (parts == null || amounts == null) {
            return chosen;
        }
        if (parts.size() != amounts.size()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "say for each invoice or claim what it gets");
        }
        for (int i = 0; i < parts.size(); i++) {
            if (amounts.get(i).isBlank()) {
                continue;
            }
            Money amount = money(amounts.get(i));
            if (!amount.isZero()) {
                chosen.add(part(parts.get(i), amount));
            }
        }
        return chosen;
    }

    private static Part part(String text, Money amount) {
        try {
            String[] kindAndId = text.split(":", 2);
            return new Part(Kind.valueOf(kindAndId[0]), UUID.fromString(kindAndId[1]), amount);
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "that is no invoice and no claim");
        }
    }

    private Money money(String amount) {
        return Amounts.parse(plain(amount), organizations.current().currency().getCode());
    }

    private static String plain(String amount) {
        return amount.replace(",", "").strip();
    }

    private static @Nullable String blankToNull(String text) {
        return text.isBlank() ? null : text.strip();
    }
}
