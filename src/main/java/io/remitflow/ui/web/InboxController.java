package io.remitflow.ui.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Users;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** The tasks that wait for the signed-in person. */
@Controller
@PreAuthorize("isAuthenticated()")
class InboxController {

    /** As many as an engine leafs through. */
    private static final int MOST_PAGES = 50;

    private final InboxRows rows;
    private final ObjectProvider<HumanTasks> tasks;
    private final Users users;

    InboxController(InboxRows rows, ObjectProvider<HumanTasks> tasks, Users users) {
        this.rows = rows;
        this.tasks = tasks;
        this.users = users;
    }

    @GetMapping("/app/inbox")
    String inbox(
            @RequestParam(defaultValue = "all") String show, @RequestParam(defaultValue = "1") int page, Model model) {
        int shown = Math.clamp(page, 1, MOST_PAGES);
        var found = rows.waiting(shown);
        var all = found.map(InboxRows.Found::tasks).orElse(List.of()).stream()
                .map(rows::row)
                .toList();
        var mine = all.stream().filter(InboxRows.Row::mine).toList();
        var unclaimed = all.stream().filter(row -> row.holder() == null).toList();
        model.addAttribute("engineAvailable", found.isPresent());
        boolean more = found.map(InboxRows.Found::more).orElse(false);
        model.addAttribute("counts", shown > 1 ? null : new Counts(count(all, more), count(unclaimed, more)));
        model.addAttribute("mine", mine.size());
        model.addAttribute("page", shown);
        model.addAttribute("next", more && shown < MOST_PAGES && !show.equals("mine") ? shown + 1 : null);
        model.addAttribute("filter", show);
        model.addAttribute(
                "tasks",
                switch (show) {
                    case "mine" -> mine;
                    case "unclaimed" -> unclaimed;
                    // What the person holds is on the first page already.
                    default -> shown == 1 ? all : unclaimed;
                });
        return "ui/inbox";
    }

    @GetMapping("/app/tasks/{key}")
    String task(@PathVariable long key, Model model, HttpServletResponse response) {
        var task = tasks.getObject().find(key);
        if (task.isEmpty()) {
            response.setStatus(HttpServletResponse.SC_NOT_FOUND);
            model.addAttribute("title", "This task is not open");
            model.addAttribute("detail", "It was done or withdrawn meanwhile, or it never was one of yours.");
            return "ui/task";
        }
        var page = rows.page(task.get());
        if (page.isPresent()) {
            return "redirect:" + page.get().href(task.get());
        }
        model.addAttribute("title", task.get().name());
        model.addAttribute("detail", "This kind of task has no page of its own here. It can be done in Tasklist.");
        return "ui/task";
    }

    @PostMapping("/app/tasks/{key}/claim")
    String claim(@PathVariable long key, RedirectAttributes after) {
        required(key);
        tasks.getObject().claim(key, users.signInName(CurrentUser.id()));
        after.addFlashAttribute("message", "The task is yours.");
        return "redirect:/app/inbox?show=mine";
    }

    @PostMapping("/app/tasks/{key}/release")
    String release(@PathVariable long key, RedirectAttributes after) {
        var task = required(key);
        if (!users.signInName(CurrentUser.id()).equals(task.assignee())) {
            throw new RuleViolation(Refusal.NOT_PERMITTED, "Somebody else holds this task");
        }
        tasks.getObject().unclaim(key);
        after.addFlashAttribute("message", "The task is back in the list.");
        return "redirect:/app/inbox";
    }

    private HumanTask required(long key) {
        var person = users.find(CurrentUser.id()).orElseThrow();
        String signInName = users.signInName(person.id());
        return tasks.getObject()
                .find(key)
                .filter(task -> rows.isFor(person, signInName, task))
                .orElseThrow(() -> RuleViolation.notFound("task"));
    }

    private static String count(List<InboxRows.Row> rows, boolean more) {
        return more ? rows.size() + "+" : String.valueOf(rows.size());
    }

    /** Of the first page: how many there are, as far as they are known. */
    record Counts(String all, String unclaimed) {}
}
