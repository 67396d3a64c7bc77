package io.remitflow.reconciliation;

import io.remitflow.core.Amounts;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Person;
import io.remitflow.identity.Users;
import io.remitflow.ledger.MoneyMatches;
import io.remitflow.ledger.MoneyNode;
import io.remitflow.ledger.MoneySearch;
import io.remitflow.ledger.MoneyStage;
import io.remitflow.ledger.MoneyState;
import io.remitflow.ledger.MoneyTrail;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Where some money came from and how far it got: joins what each module knows of it, as far as the signed-in person may
 * see that module.
 */
@Service
@Transactional(readOnly = true)
public class MoneyTracer {

    /** So many matches are listed; all of them are counted. */
    public static final int MAX_MATCHES = 50;

    private static final int MAX_TEXT = 100;
    private static final Pattern AMOUNT = Pattern.compile("(\\d{1,13}|\\d{1,3}(,\\d{3}){1,4})(\\.\\d{1,3})?");
    private static final int MAX_NODES = 120;

    private final List<MoneyTrail> trails;
    private final Users users;
    private final Organizations organizations;

    MoneyTracer(List<MoneyTrail> trails, Users users, Organizations organizations) {
        this.trails = List.copyOf(trails);
        this.users = users;
        this.organizations = organizations;
    }

    /** Everything with exactly this number, and, if the text can be read as an amount, with exactly this amount. */
    public MoneyFound find(String text) {
        String wanted = text.strip();
        if (wanted.isEmpty() || wanted.length() > MAX_TEXT) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "look for a number or an amount of at most %d characters".formatted(MAX_TEXT));
        }
        var search = new MoneySearch(wanted, amount(wanted));
        List<MoneyTrail> visible = visible();
        long total = 0;
        Set<UUID> ids = new LinkedHashSet<>();
        for (MoneyTrail trail : visible) {
            MoneyMatches matches = trail.find(search, MAX_MATCHES);
            total += matches.total();
            ids.addAll(matches.ids());
        }
        List<MoneyNode> matches = nodes(visible, ids).stream()
                .filter(node -> ids.contains(node.id()))
                .sorted(Comparator.comparing(MoneyNode::id).reversed())
                .limit(MAX_MATCHES)
                .toList();
        return new MoneyFound(search.amount(), total, matches);
    }

    /** The way of whatever has this id; refused if nobody knows it or this person may not see it. */
    public MoneyPath trace(UUID id) {
        List<MoneyTrail> visible = visible();
        Map<UUID, MoneyNode> known = new LinkedHashMap<>();
        Set<UUID> asked = new HashSet<>();
        Set<UUID> frontier = Set.of(id);
        while (!frontier.isEmpty() && known.size() <= MAX_NODES) {
            asked.addAll(frontier);
            Set<UUID> next = new LinkedHashSet<>();
            for (MoneyNode node : nodes(visible, frontier)) {
                if (known.putIfAbsent(node.id(), node) == null) {
                    next.add(node.id());
                    next.addAll(node.next());
                }
            }
            next.removeAll(asked);
            frontier = next;
        }
        MoneyNode start = known.get(id);
        if (start == null) {
            throw RuleViolation.notFound("this part of the money");
        }
        List<MoneyNode> shown = known.values().stream().limit(MAX_NODES).toList();
        var steps = new ArrayList<MoneyPath.Step>();
        for (MoneyStage stage : MoneyStage.values()) {
            steps.add(step(stage, shown));
        }
        MoneyState state = shown.stream()
                .filter(node -> node.stage() != MoneyStage.PERIOD)
                .map(MoneyNode::state)
                .max(Comparator.naturalOrder())
                .orElse(start.state());
        return new MoneyPath(start, state, steps, known.size() > MAX_NODES);
    }

    private static MoneyPath.Step step(MoneyStage stage, List<MoneyNode> all) {
        List<MoneyNode> nodes = all.stream()
                .filter(node -> node.stage() == stage)
                .sorted(Comparator.comparing(
                                (MoneyNode node) -> node.date() == null ? java.time.LocalDate.MIN : node.date())
                        .thenComparing(MoneyNode::id))
                .toList();
        if (nodes.isEmpty()) {
            boolean open = stage == MoneyStage.CASH && cashIsAwaited(all);
            return new MoneyPath.Step(
                    stage, open ? MoneyState.WAITING : MoneyState.UNDONE, nodes, absence(stage, open));
        }
        MoneyState state = nodes.stream()
                .map(MoneyNode::state)
                .max(Comparator.naturalOrder())
                .orElseThrow();
        return new MoneyPath.Step(stage, state, nodes, null);
    }

    private static boolean cashIsAwaited(List<MoneyNode> all) {
        return all.stream().anyMatch(node -> node.stage() == MoneyStage.CLEARING && node.state() != MoneyState.SETTLED);
    }

    private static String absence(MoneyStage stage, boolean open) {
        return switch (stage) {
            case FILE -> "It did not come in a file";
            case DOCUMENT -> "No document is known";
            case POSTING -> "Nothing is posted yet";
            case CLEARING -> "It moves no clearing account";
            case CASH -> open ? "The bank's side is not recorded yet" : "Nothing is expected at the bank";
            case PERIOD -> "It is in no period yet";
        };
    }

    private List<MoneyTrail> visible() {
        Person person = users.find(CurrentUser.id()).orElseThrow(() -> RuleViolation.notFound("this person"));
        return trails.stream().filter(trail -> person.may(trail.permission())).toList();
    }

    private static List<MoneyNode> nodes(List<MoneyTrail> trails, Set<UUID> ids) {
        return ids.isEmpty()
                ? List.of()
                : trails.stream().flatMap(trail -> trail.nodes(ids).stream()).toList();
    }

    /** No exponents and no more digits than any amount has: whatever else is a number, but no amount. */
    private @Nullable Money amount(String text) {
        if (!AMOUNT.matcher(text).matches()) {
            return null;
        }
        try {
            Money amount = Amounts.parse(
                    text.replace(",", ""), organizations.current().currency().getCode());
            return amount.isPositive() ? amount : null;
        } catch (RuleViolation moreDecimalsThanTheCurrency) {
            return null;
        }
    }
}
