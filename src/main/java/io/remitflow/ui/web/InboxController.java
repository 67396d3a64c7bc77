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

    private final InboxRows rows;
    private final ObjectProvider<HumanTasks> tasks;
    private final Users users;

    InboxController(InboxRows rows, ObjectProvider<HumanTasks> tasks, Users users) {
        this.rows = rows;
        this.tasks = tasks;
        this.users = users;
    }

    @GetMapping("/app/inbox")
    String inbox(@RequestParam(defaultValue = "all") String show, Model model) {
        var found = rows.forSignedInPerson();
        var all = found.orElse(List.of());
        var mine = all.stream().filter(InboxRows.Row::mine).toList();
        var unclaimed = all.stream().filter(row -> row.holder() == null).toList();
        model.addAttribute("engineAvailable", found.isPresent());
        model.addAttribute("counts", new Counts(all.size(), mine.size(), unclaimed.size()));
        model.addAttribute("filter", show);
        model.addAttribute(
                "tasks",
                switch (show) {
                    case "mine" -> mine;
                    case "unclaimed" -> unclaimed;
                    default -> all;
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

    record Counts(int all, int mine, int unclaimed) {}
}
