package io.remitflow.ui.web;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.ui.CsvText;
import io.remitflow.workflow.Approvable;
import io.remitflow.workflow.ApprovalHistory;
import io.remitflow.workflow.ApprovalSubject;
import io.remitflow.workflow.BulkApprovals;
import io.remitflow.workflow.TaskPage;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** What waits for the signed-in person's approval, and who decided what before. */
@Controller
@RequestMapping("/app/approvals")
@PreAuthorize("isAuthenticated()")
class ApprovalsController {

    private static final int SHOWN = 100;

    private final InboxRows inbox;
    private final BulkApprovals bulk;
    private final ApprovalHistory history;
    private final List<TaskPage> pages;
    private final Users users;
    private final Organizations organizations;

    ApprovalsController(
            InboxRows inbox,
            BulkApprovals bulk,
            ApprovalHistory history,
            List<TaskPage> pages,
            Users users,
            Organizations organizations) {
        this.inbox = inbox;
        this.bulk = bulk;
        this.history = history;
        this.pages = pages;
        this.users = users;
        this.organizations = organizations;
    }

    @GetMapping
    String page(
            @RequestParam(defaultValue = "me") String who,
            @RequestParam(defaultValue = "") String type,
            @RequestParam(defaultValue = "") String decision,
            @RequestParam(required = false) @Nullable LocalDate from,
            @RequestParam(required = false) @Nullable LocalDate until,
            Model model) {
        boolean mayExport = users.find(CurrentUser.id())
                .filter(person -> person.may(Permission.APPROVALS_EXPORT))
                .isPresent();
        boolean everybody = mayExport && who.equals("all");
        var waiting = inbox.waiting(1);
        List<Waiting> rows = waiting.map(InboxRows.Found::tasks).orElse(List.of()).stream()
                .filter(each ->
                        inbox.page(each.task()).flatMap(TaskPage::approvable).isPresent())
                .map(this::row)
                .toList();
        var filter = filter(everybody ? null : CurrentUser.id(), type, decision, from, until);
        var entries = history.list(filter, SHOWN);
        model.addAttribute("engineAvailable", waiting.isPresent());
        model.addAttribute("waiting", rows);
        model.addAttribute("more", waiting.map(InboxRows.Found::more).orElse(false));
        model.addAttribute("limit", bulk.limit());
        model.addAttribute("waitingSums", Amounts.sums(rows.stream().flatMap(row -> Stream.ofNullable(row.amount()))));
        model.addAttribute("inBulk", rows.stream().filter(Waiting::inBulk).count());
        model.addAttribute("anyInBulk", rows.stream().anyMatch(Waiting::inBulk));
        model.addAttribute(
                "history",
                entries.stream()
                        .map(entry -> new Decided(
                                entry,
                                href(entry),
                                name(entry.decidedBy()),
                                name(entry.requestedBy()),
                                entry.onBehalfOf() == null ? null : name(entry.onBehalfOf())))
                        .toList());
        model.addAttribute("totals", history.totals(filter));
        model.addAttribute("types", types());
        model.addAttribute("mayExport", mayExport);
        model.addAttribute("who", everybody ? "all" : "me");
        model.addAttribute("type", type);
        model.addAttribute("decision", decision);
        model.addAttribute("from", from);
        model.addAttribute("until", until);
        return "ui/approvals";
    }

    /** Each of them is decided on its own; those that are refused are named one by one. */
    @PostMapping
    @PreAuthorize("hasAnyAuthority('refunds.approve', 'write-offs.approve')")
    String approve(@RequestParam(defaultValue = "") List<String> choice, RedirectAttributes after) {
        var results =
                bulk.approve(choice.stream().map(ApprovalsController::chosen).toList());
        var refused =
                results.stream().filter(result -> result.refusal() != null).toList();
        after.addFlashAttribute("refused", refused);
        if (results.size() > refused.size()) {
            after.addFlashAttribute(
                    "message",
                    results.size() - refused.size() == 1
                            ? "One case is approved."
                            : "%d cases are approved.".formatted(results.size() - refused.size()));
        }
        return "redirect:/app/approvals";
    }

    @GetMapping("/export")
    @PreAuthorize("hasAuthority('approvals.export')")
    ResponseEntity<String> export(
            @RequestParam(defaultValue = "all") String who,
            @RequestParam(defaultValue = "") String type,
            @RequestParam(defaultValue = "") String decision,
            @RequestParam(required = false) @Nullable LocalDate from,
            @RequestParam(required = false) @Nullable LocalDate until) {
        var csv = new CsvText()
                .row(
                        "case",
                        "kind",
                        "version",
                        "level",
                        "level role",
                        "decision",
                        "amount",
                        "currency",
                        "decided by",
                        "decided as",
                        "on behalf of",
                        "requested by",
                        "where",
                        "rule",
                        "decided at",
                        "warned of",
                        "comment",
                        "case id");
        for (var entry :
                history.export(filter(who.equals("me") ? CurrentUser.id() : null, type, decision, from, until))) {
            csv.row(
                    entry.number(),
                    entry.type(),
                    entry.version(),
                    entry.level(),
                    entry.levelRole(),
                    entry.approved() ? "approved" : "rejected",
                    entry.amount().getAmount(),
                    entry.amount().getCurrencyUnit().getCode(),
                    name(entry.decidedBy()),
                    entry.decidedAs(),
                    entry.onBehalfOf() == null ? null : name(entry.onBehalfOf()),
                    name(entry.requestedBy()),
                    entry.source(),
                    entry.rule(),
                    entry.decidedAt(),
                    String.join(" | ", entry.warnings()),
                    entry.comment(),
                    entry.caseId());
        }
        return ResponseEntity.ok()
                .contentType(MediaType.parseMediaType("text/csv;charset=UTF-8"))
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment()
                                .filename("approvals-%s.csv".formatted(organizations.today()))
                                .build()
                                .toString())
                .body(csv.toString());
    }

    private Waiting row(InboxRows.Waiting waiting) {
        ApprovalSubject subject = bulk.subject(waiting.task()).orElse(null);
        String hindrance = subject == null
                ? "It is being prepared"
                : bulk.hindrance(waiting.task(), subject).orElse(null);
        return new Waiting(
                inbox.row(waiting),
                subject == null ? null : subject.amount(),
                subject == null ? 0 : subject.version(),
                hindrance,
                subject == null ? null : bulk.warning(subject).orElse(null));
    }

    private ApprovalHistory.Filter filter(
            @Nullable UserId by, String type, String decision, @Nullable LocalDate from, @Nullable LocalDate until) {
        return new ApprovalHistory.Filter(
                by,
                type.isBlank() ? null : type,
                decision.isBlank() ? null : decision.equals("approved"),
                startOf(from),
                startOf(until == null ? null : until.plusDays(1)));
    }

    private @Nullable Instant startOf(@Nullable LocalDate day) {
        return day == null
                ? null
                : day.atStartOfDay(organizations.current().timeZone()).toInstant();
    }

    private Map<String, Approvable> types() {
        return pages.stream()
                .flatMap(page -> page.approvable().stream())
                .collect(Collectors.toMap(Approvable::type, each -> each, (one, other) -> one));
    }

    private @Nullable String href(ApprovalHistory.Entry entry) {
        Approvable kind = types().get(entry.type());
        return kind == null ? null : kind.path() + entry.caseId();
    }

    private static BulkApprovals.Chosen chosen(String text) {
        String[] parts = text.split(":", -1);
        try {
            return new BulkApprovals.Chosen(Long.parseLong(parts[0]), Integer.parseInt(parts[1]));
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "A chosen case has the wrong form");
        }
    }

    private String name(UserId id) {
        return users.find(id).map(person -> person.displayName()).orElse("Unknown");
    }

    /**
     * @param hindrance why it cannot be approved together with others; null: it can
     * @param warning what whoever decides should know before, alone or together with others
     */
    record Waiting(
            InboxRows.Row row,
            @Nullable Money amount,
            int version,
            @Nullable String hindrance,
            @Nullable String warning) {

        public boolean inBulk() {
            return hindrance == null;
        }
    }

    record Decided(
            ApprovalHistory.Entry entry,
            @Nullable String href,
            String by,
            String requestedBy,
            @Nullable String onBehalfOf) {}
}
