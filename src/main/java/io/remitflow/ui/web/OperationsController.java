package io.remitflow.ui.web;

import io.remitflow.identity.AuditLog;
import io.remitflow.intake.InboxWatch;
import io.remitflow.intake.IntakeFile;
import io.remitflow.intake.IntakeFiles;
import io.remitflow.ui.BooksChecks;
import io.remitflow.ui.OperationsPanel;
import io.remitflow.ui.Times;
import io.remitflow.workflow.Incidents;
import io.remitflow.workflow.LostProcesses;
import io.remitflow.workflow.ParkedMessages;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.actuate.health.HealthComponent;
import org.springframework.boot.actuate.health.HealthEndpoint;
import org.springframework.boot.actuate.health.Status;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** What is stuck, and the buttons that set it going again. */
@Controller
@PreAuthorize("hasAuthority('operations.view')")
class OperationsController {

    private static final int RECENT_FILES = 200;

    /** The page is for the moment when a service hangs, so it does not hang with it. */
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(2);

    private static final String NO_ANSWER = "NO_ANSWER";
    private static final Duration UNDECIDED_IS_STUCK = Duration.ofMinutes(5);
    private static final Map<String, String> NAMES = Map.of(
            "db", "Database",
            "diskSpace", "Disk space",
            "camel", "File routes",
            "zeebeClient", "Process engine",
            "camundaClient", "Process engine",
            "ssl", "Certificates",
            "ping", "Application");

    private final Incidents incidents;
    private final ParkedMessages parked;
    private final LostProcesses lost;
    private final IntakeFiles files;
    private final InboxWatch inboxes;
    private final BooksChecks books;
    private final HealthEndpoint health;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Times times;
    private final List<OperationsPanel> panels;
    private final Clock clock;

    OperationsController(
            Incidents incidents,
            ParkedMessages parked,
            LostProcesses lost,
            IntakeFiles files,
            InboxWatch inboxes,
            BooksChecks books,
            HealthEndpoint health,
            AuditLog audit,
            TransactionTemplate transactions,
            Times times,
            List<OperationsPanel> panels,
            Clock clock) {
        this.incidents = incidents;
        this.parked = parked;
        this.lost = lost;
        this.files = files;
        this.inboxes = inboxes;
        this.books = books;
        this.health = health;
        this.audit = audit;
        this.transactions = transactions;
        this.times = times;
        this.panels = panels;
        this.clock = clock;
    }

    @GetMapping("/app/operations")
    String operations(Model model) {
        model.addAttribute("services", services());
        model.addAttribute("inboxes", inboxes.away());
        model.addAttribute("unsound", books.unsound());
        model.addAttribute("panels", panels);
        model.addAttribute("incidents", incidents.open());
        model.addAttribute(
                "files",
                files.recent(RECENT_FILES).stream().filter(this::notAccepted).toList());
        model.addAttribute("lost", lost.all());
        model.addAttribute("parked", parked.all());
        model.addAttribute("waiting", parked.waiting());
        model.addAttribute(
                "oldestWaiting", parked.oldestWaiting().map(times::age).orElse(null));
        return "ui/operations";
    }

    @PostMapping("/app/operations/incidents/{id}/retry")
    String retryIncident(@PathVariable UUID id, RedirectAttributes after) {
        recorded("incident.retried", "incident", id);
        incidents.retry(id);
        after.addFlashAttribute("message", "The step runs again.");
        return "redirect:/app/operations";
    }

    @PostMapping("/app/operations/messages/{id}/retry")
    String retryMessage(@PathVariable UUID id, RedirectAttributes after) {
        transactions.executeWithoutResult(transaction -> {
            recorded("message.retried", "message", id);
            parked.retry(id);
        });
        after.addFlashAttribute("message", "The message is sent again.");
        return "redirect:/app/operations";
    }

    @PostMapping("/app/operations/lost-processes/search")
    String lookForLost(RedirectAttributes after) {
        int found = lost.look();
        after.addFlashAttribute(
                "message",
                found == 0
                        ? "The engine knows the open cases it was asked for."
                        : "%d cases have lost their process.".formatted(found));
        return "redirect:/app/operations";
    }

    @PostMapping("/app/operations/lost-processes/{processId}/{businessKey}/start")
    String startAgain(@PathVariable String processId, @PathVariable String businessKey, RedirectAttributes after) {
        lost.startAgain(processId, businessKey);
        after.addFlashAttribute("message", "The case goes on where the books say.");
        return "redirect:/app/operations";
    }

    @PostMapping("/app/operations/files/{id}/retry")
    String retryFile(@PathVariable UUID id, RedirectAttributes after) {
        transactions.executeWithoutResult(transaction -> {
            files.runAgain(id);
            recorded("file.retried", "file", id);
        });
        after.addFlashAttribute("message", "The file is processed again within a minute.");
        return "redirect:/app/operations";
    }

    private void recorded(String action, String type, UUID id) {
        transactions.executeWithoutResult(transaction -> audit.record(action, type, id.toString(), Map.of()));
    }

    private boolean notAccepted(IntakeFile file) {
        return switch (file.state()) {
            case REJECTED, DUPLICATE, PARKED -> true;
            case RECEIVED -> file.receivedAt().isBefore(clock.instant().minus(UNDECIDED_IS_STUCK));
            case ACCEPTED -> false;
        };
    }

    private List<Service> services() {
        var asked = new TreeMap<String, CompletableFuture<Optional<Service>>>();
        NAMES.forEach((key, name) -> asked.put(
                key,
                CompletableFuture.supplyAsync(() -> service(key, name), Thread::startVirtualThread)
                        .completeOnTimeout(
                                Optional.of(new Service(name, NO_ANSWER, false)),
                                ANSWERS_WITHIN.toMillis(),
                                TimeUnit.MILLISECONDS)));
        var services = new LinkedHashSet<Service>();
        asked.values().forEach(answer -> answer.join().ifPresent(services::add));
        return List.copyOf(services);
    }

    private Optional<Service> service(String key, String name) {
        HealthComponent component = health.healthForPath(key);
        return Optional.ofNullable(component)
                .map(HealthComponent::getStatus)
                .map(status -> new Service(name, status.getCode(), Status.UP.equals(status)));
    }

    record Service(String name, String status, boolean up) {}
}
