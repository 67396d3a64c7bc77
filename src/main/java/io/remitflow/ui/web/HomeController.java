package io.remitflow.ui.web;

import io.remitflow.identity.Organizations;
import io.remitflow.identity.Person;
import io.remitflow.ui.DailyAmounts;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Shell;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

/** The day at a glance. */
@Controller
class HomeController {

    private static final List<String> GROUPS = List.of("Attention", "Money in", "Money out", "Clearing");
    private static final int CHART_DAYS = 30;
    private static final int TASKS = 8;

    private final Shell shell;
    private final Organizations organizations;
    private final ObjectProvider<HomeTiles> tiles;
    private final ObjectProvider<DailyAmounts> amounts;
    private final InboxRows inbox;

    HomeController(
            Shell shell,
            Organizations organizations,
            ObjectProvider<HomeTiles> tiles,
            ObjectProvider<DailyAmounts> amounts,
            InboxRows inbox) {
        this.shell = shell;
        this.organizations = organizations;
        this.tiles = tiles;
        this.amounts = amounts;
        this.inbox = inbox;
    }

    @GetMapping("/app")
    @PreAuthorize("isAuthenticated()")
    String home(Model model) {
        var today = organizations.today();
        var tasks = inbox.waiting(1);
        var person = Objects.requireNonNull(shell.person(), "nobody is signed in");
        model.addAttribute("person", person);
        model.addAttribute("today", today);
        model.addAttribute("groups", groups(person));
        model.addAttribute("chart", chart(person, today));
        model.addAttribute("engineAvailable", tasks.isPresent());
        model.addAttribute(
                "tasks",
                tasks.map(InboxRows.Found::tasks).orElse(List.of()).stream()
                        .limit(TASKS)
                        .map(inbox::row)
                        .toList());
        return "ui/home";
    }

    private Map<String, List<HomeTile>> groups(Person person) {
        var byGroup = tiles.orderedStream()
                .filter(source -> source.visibleTo(person))
                .flatMap(source -> source.tiles().stream())
                .collect(Collectors.groupingBy(HomeTile::group, LinkedHashMap::new, Collectors.toList()));
        var ordered = new LinkedHashMap<String, List<HomeTile>>();
        GROUPS.stream().filter(byGroup::containsKey).forEach(group -> ordered.put(group, byGroup.get(group)));
        byGroup.forEach(ordered::putIfAbsent);
        return ordered;
    }

    private @Nullable Chart chart(Person person, LocalDate today) {
        var first = today.minusDays(CHART_DAYS - 1);
        var days = first.datesUntil(today.plusDays(1)).toList();
        var byDirection = new TreeMap<String, Map<LocalDate, BigDecimal>>();
        amounts.orderedStream().filter(source -> source.visibleTo(person)).forEach(source -> {
            Map<LocalDate, Money> found = source.between(first, today);
            if (!found.isEmpty()) {
                var sums = byDirection.computeIfAbsent(source.direction(), direction -> new TreeMap<>());
                found.forEach((day, money) -> sums.merge(day, money.getAmount(), BigDecimal::add));
            }
        });
        if (byDirection.isEmpty()) {
            return null;
        }
        String series = byDirection.entrySet().stream()
                .map(line -> "{\"direction\":\"%s\",\"amounts\":[%s]}"
                        .formatted(
                                line.getKey(),
                                days.stream()
                                        .map(day -> line.getValue()
                                                .getOrDefault(day, BigDecimal.ZERO)
                                                .toPlainString())
                                        .collect(Collectors.joining(","))))
                .collect(Collectors.joining(",", "[", "]"));
        String labels = days.stream()
                .map(day -> "\"%02d/%02d\"".formatted(day.getMonthValue(), day.getDayOfMonth()))
                .collect(Collectors.joining(",", "[", "]"));
        return new Chart(labels, series);
    }

    /** What {@code home.js} draws. */
    record Chart(String daysJson, String seriesJson) {}
}
