package io.remitflow.ui;

import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.identity.Role;
import io.remitflow.identity.Users;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** {@code @shell} in the layout: who is signed in, and the links that exist and that this person may follow. */
@Component("shell")
public class Shell {

    private enum Group {
        WORK("Work"),
        MONEY_IN("Money in"),
        MONEY_OUT("Money out"),
        RECONCILE("Reconcile"),
        PATIENTS("Patients"),
        LEDGER("Ledger"),
        REPORTS("Reports"),
        RULES("Rules"),
        OPERATIONS("Operations");

        private final String title;

        Group(String title) {
            this.title = title;
        }
    }

    private record Page(
            Group group,
            String href,
            String title,
            String icon,
            @Nullable Permission permission) {}

    /** In the order of the menu. A page whose module is not there yet has no handler and is left out. */
    private static final List<Page> PAGES = List.of(
            new Page(Group.WORK, "/app", "Home", "house", null),
            new Page(Group.WORK, "/app/inbox", "Inbox", "inbox", null),
            new Page(Group.WORK, "/app/approvals", "My approvals", "check2-square", Permission.REFUNDS_APPROVE),
            new Page(Group.WORK, "/app/absence", "Absence", "calendar-x", Permission.REFUNDS_APPROVE),
            new Page(
                    Group.MONEY_IN,
                    "/app/remittances",
                    "Remittances",
                    "file-earmark-text",
                    Permission.REMITTANCES_VIEW),
            new Page(Group.MONEY_IN, "/app/held-claims", "Held claims", "pause-circle", Permission.REMITTANCES_VIEW),
            new Page(Group.MONEY_IN, "/app/checks", "Checks received", "envelope-paper", Permission.CHECKS_VIEW),
            new Page(Group.MONEY_IN, "/app/deposits", "Deposits", "safe2", Permission.CHECKS_VIEW),
            new Page(Group.MONEY_IN, "/app/denials", "Denials", "file-earmark-x", Permission.DENIALS_VIEW),
            new Page(Group.MONEY_IN, "/app/takebacks", "Takebacks", "arrow-left-right", Permission.REMITTANCES_VIEW),
            new Page(Group.MONEY_IN, "/app/payments", "Payments", "credit-card", Permission.PATIENT_ACCOUNTS_VIEW),
            new Page(Group.MONEY_IN, "/app/payments/payouts", "Payouts", "bank2", Permission.PATIENT_ACCOUNTS_VIEW),
            new Page(
                    Group.MONEY_IN,
                    "/app/payments/disputes",
                    "Disputes",
                    "shield-exclamation",
                    Permission.PATIENT_ACCOUNTS_VIEW),
            new Page(
                    Group.MONEY_OUT,
                    "/app/credit-balances",
                    "Credit balances",
                    "plus-slash-minus",
                    Permission.REFUNDS_VIEW),
            new Page(Group.MONEY_OUT, "/app/refunds", "Refunds", "arrow-return-left", Permission.REFUNDS_VIEW),
            new Page(Group.MONEY_OUT, "/app/refunds/ach", "ACH batches", "send", Permission.REFUNDS_VIEW),
            new Page(Group.MONEY_OUT, "/app/refunds/checks", "Checks", "journal-check", Permission.REFUNDS_VIEW),
            new Page(Group.RECONCILE, "/app/settlements", "Settlements", "bank", Permission.REMITTANCES_VIEW),
            new Page(Group.MONEY_OUT, "/app/write-offs", "Write-offs", "eraser", Permission.WRITE_OFFS_VIEW),
            new Page(Group.RECONCILE, "/app/bank/statements", "Bank statements", "bank2", Permission.BANK_RECONCILE),
            new Page(
                    Group.RECONCILE, "/app/bank/suggestions", "Bank matching", "link-45deg", Permission.BANK_RECONCILE),
            new Page(
                    Group.RECONCILE,
                    "/app/reconciliation/bank",
                    "Bank reconciliation",
                    "clipboard2-check",
                    Permission.BANK_RECONCILE),
            new Page(Group.RECONCILE, "/app/bank/accounts", "Bank accounts", "safe", Permission.BANK_RECONCILE),
            new Page(
                    Group.RECONCILE,
                    "/app/reconciliation",
                    "Billing reconciliation",
                    "arrow-repeat",
                    Permission.RECONCILIATION_VIEW),
            new Page(
                    Group.RECONCILE,
                    "/app/reconciliation/discrepancies",
                    "Discrepancies",
                    "exclamation-diamond",
                    Permission.RECONCILIATION_VIEW),
            new Page(Group.RECONCILE, "/app/ledger/clearing", "Clearing", "intersect", Permission.LEDGER_VIEW),
            new Page(
                    Group.RECONCILE,
                    "/app/reconciliation/receivables",
                    "Receivables",
                    "clipboard-check",
                    Permission.LEDGER_VIEW),
            new Page(
                    Group.RECONCILE,
                    "/app/reconciliation/payers",
                    "Payer reconciliation",
                    "building-check",
                    Permission.REPORTS_VIEW),
            new Page(Group.RECONCILE, "/app/trace", "Money tracer", "search", Permission.LEDGER_VIEW),
            new Page(
                    Group.PATIENTS,
                    "/app/patient-accounts",
                    "Patient accounts",
                    "people",
                    Permission.PATIENT_ACCOUNTS_VIEW),
            new Page(Group.PATIENTS, "/app/claims", "Claims", "clipboard2-pulse", Permission.PATIENT_ACCOUNTS_VIEW),
            new Page(Group.PATIENTS, "/app/invoices", "Invoices", "receipt", Permission.PATIENT_ACCOUNTS_VIEW),
            new Page(
                    Group.PATIENTS,
                    "/app/credit-memos",
                    "Credit memos",
                    "receipt-cutoff",
                    Permission.PATIENT_ACCOUNTS_VIEW),
            new Page(Group.PATIENTS, "/app/payers", "Payers", "building", Permission.PAYERS_VIEW),
            new Page(Group.LEDGER, "/app/ledger/journal", "Journal", "journal-text", Permission.LEDGER_VIEW),
            new Page(Group.LEDGER, "/app/ledger/accounts", "Accounts", "list-columns", Permission.LEDGER_VIEW),
            new Page(Group.LEDGER, "/app/ledger/trial-balance", "Trial balance", "table", Permission.LEDGER_VIEW),
            new Page(Group.LEDGER, "/app/ledger/periods", "Periods", "calendar3", Permission.LEDGER_VIEW),
            new Page(Group.REPORTS, "/app/reports", "Reports", "bar-chart", Permission.REPORTS_VIEW),
            new Page(Group.RULES, "/app/rules", "Rules", "sliders", Permission.RULES_VIEW),
            new Page(Group.OPERATIONS, "/app/operations", "Operations", "activity", Permission.OPERATIONS_VIEW),
            new Page(Group.OPERATIONS, "/app/users", "Users", "person-gear", Permission.USERS_MANAGE),
            new Page(Group.OPERATIONS, "/app/settings", "Settings", "gear", Permission.SETTINGS_MANAGE),
            new Page(
                    Group.OPERATIONS,
                    "/app/settings/gateways",
                    "Payment gateways",
                    "credit-card-2-front",
                    Permission.SETTINGS_MANAGE),
            new Page(Group.OPERATIONS, "/app/audit", "Audit log", "shield-check", Permission.AUDIT_VIEW));

    private final Users users;
    private final Organizations organizations;
    private final ObjectProvider<RequestMappingHandlerMapping> mappings;

    Shell(Users users, Organizations organizations, ObjectProvider<RequestMappingHandlerMapping> mappings) {
        this.users = users;
        this.organizations = organizations;
        this.mappings = mappings;
    }

    /** Null on the pages that anyone can see. */
    public @Nullable Person person() {
        return CurrentUser.find().flatMap(users::find).orElse(null);
    }

    public Organization organization() {
        return organizations.current();
    }

    public String roles(Person person) {
        return String.join(", ", roleTitles(person));
    }

    public List<String> roleTitles(Person person) {
        return person.roles().stream().sorted().map(Role::title).toList();
    }

    public List<Links> navigation() {
        var person = person();
        if (person == null) {
            return List.of();
        }
        Set<String> existing = existing();
        String path = path();
        String current = PAGES.stream()
                .map(Page::href)
                .filter(href -> path.equals(href) || !href.equals("/app") && path.startsWith(href + "/"))
                .reduce("", (longest, href) -> href.length() > longest.length() ? href : longest);
        var groups = new EnumMap<Group, List<Link>>(Group.class);
        for (var page : PAGES) {
            var permission = page.permission();
            if (existing.contains(page.href()) && (permission == null || person.may(permission))) {
                groups.computeIfAbsent(page.group(), group -> new ArrayList<>())
                        .add(new Link(
                                page.href(),
                                page.title(),
                                page.icon(),
                                page.href().equals(current)));
            }
        }
        return groups.entrySet().stream()
                .map(group -> new Links(group.getKey().title, group.getValue()))
                .toList();
    }

    private Set<String> existing() {
        return mappings.orderedStream()
                .flatMap(mapping -> mapping.getHandlerMethods().keySet().stream())
                .flatMap(mapping -> mapping.getDirectPaths().stream())
                .collect(Collectors.toSet());
    }

    private static String path() {
        return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes
                ? pathOf(attributes.getRequest())
                : "";
    }

    private static String pathOf(HttpServletRequest request) {
        return request.getRequestURI().substring(request.getContextPath().length());
    }

    /** A group of the menu. */
    public record Links(String title, List<Link> links) {}

    /** A link of the menu; the current one is where the shown page belongs. */
    public record Link(String href, String title, String icon, boolean current) {}
}
