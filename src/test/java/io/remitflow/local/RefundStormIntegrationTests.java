package io.remitflow.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.identity.Role;
import io.remitflow.local.CardGatewayStandIn.Behaviour;
import io.remitflow.local.CrashSite.Paid;
import io.remitflow.local.CrashSite.Plan;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thousand refunds of mixed size, with people who approve and reject, a gateway that declines, is slow and loses its
 * answers, while broker, application and database are ended in the middle of it.
 */
@Tag("chaos")
class RefundStormIntegrationTests {

    private static final Logger log = LoggerFactory.getLogger(RefundStormIntegrationTests.class);
    private static final Duration PATIENCE = Duration.ofMinutes(45);
    private static final int SMALL = Integer.getInteger("remitflow.storm.small", 800);
    private static final int MEDIUM = Integer.getInteger("remitflow.storm.medium", 160);
    private static final int LARGE = Integer.getInteger("remitflow.storm.large", 40);
    private static final int CLIENTS = 4;
    private static final Pattern ID = Pattern.compile("\"id\":\"([0-9a-f-]{36})\"");
    private static final Set<String> OVER = Set.of("completed", "rejected", "cancelled");

    private static CrashSite site;

    private final Map<UUID, Paid> refunds = new ConcurrentHashMap<>();
    private final Map<UUID, String> expected = new ConcurrentHashMap<>();
    private final List<String> events = new ArrayList<>();
    private volatile boolean over;

    @BeforeAll
    static void build() {
        site = new CrashSite(Plan.smallPayments(SMALL)
                .and(MEDIUM, "250.00")
                .and(LARGE, "6000.00")
                .withPeople());
        site.up();
    }

    @AfterAll
    static void leave() {
        if (site != null) {
            site.close();
        }
    }

    @Test
    void aThousandRefundsEndOnceEachAlthoughBrokerApplicationAndDatabaseAreEndedMeanwhile() throws Exception {
        int all = SMALL + MEDIUM + LARGE;
        Instant begun = Instant.now();
        List<Thread> people = new ArrayList<>(requesters());
        people.add(person(Role.BILLING_MANAGER, this::managerDecides));
        people.add(person(Role.CFO, this::cfoDecides));
        people.add(person(Role.BILLING_CLERK, this::clerkCancelsWhatWasDeclined));

        after(all / 5, begun, "broker kill -9, 10 s away", () -> {
            site.broker.kill();
            Processes.pause(Duration.ofSeconds(10));
            site.broker.start();
            site.broker.awaitHealthy();
        });
        after(all * 2 / 5, begun, "application kill -9", () -> {
            site.application.kill();
            site.application.start();
        });
        after(all * 3 / 5, begun, "database stopped at once, 5 s away", () -> {
            site.stopPostgresImmediately();
            Processes.pause(Duration.ofSeconds(5));
            site.restartPostgres();
        });

        await().atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(2))
                .until(() -> refunds.size() == all && ended() == all);
        Duration took = Duration.between(begun, Instant.now());
        over = true;
        for (Thread person : people) {
            person.join(Duration.ofSeconds(30));
        }

        Map<UUID, String> ends = statuses();
        assertThat(ends).containsExactlyInAnyOrderEntriesOf(expected);
        var wrong = new ArrayList<String>();
        BigDecimal left = BigDecimal.ZERO;
        BigDecimal issued = BigDecimal.ZERO;
        for (var refund : refunds.entrySet()) {
            boolean completed = "completed".equals(ends.get(refund.getKey()));
            long gone = site.gateway.refundsOf(refund.getValue().transaction()).stream()
                    .filter(booked -> booked.status().equals("succeeded"))
                    .peek(booked -> assertThat(BigDecimal.valueOf(booked.amount(), 2))
                            .isEqualByComparingTo(refund.getValue().amount()))
                    .count();
            if (gone != (completed ? 1 : 0)) {
                wrong.add("%s %s left %d times".formatted(ends.get(refund.getKey()), refund.getKey(), gone));
            }
            left = left.add(new BigDecimal(refund.getValue().amount()).multiply(BigDecimal.valueOf(gone)));
            issued = issued.add(completed ? new BigDecimal(refund.getValue().amount()) : BigDecimal.ZERO);
        }
        assertThat(wrong).isEmpty();
        assertThat(left).isEqualByComparingTo(issued);
        assertThat(booked()).isEqualByComparingTo(issued);
        assertThat(entriesOtherThanOnePerCompletedRefund()).isEmpty();
        site.invariantsHold();
        log.info(
                "{} refunds over after {} s: {}; left the gateway {}, booked {}; {}",
                all,
                took.toSeconds(),
                new TreeMap<>(ends.values().stream().collect(Collectors.groupingBy(end -> end, Collectors.counting()))),
                left,
                booked(),
                events);
    }

    private void after(int ended, Instant begun, String event, Runnable fault) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> ended() >= ended);
        events.add("after %d s, %d over: %s"
                .formatted(Duration.between(begun, Instant.now()).toSeconds(), ended(), event));
        log.info(events.getLast());
        fault.run();
    }

    private List<Thread> requesters() {
        var waiting = new ConcurrentLinkedQueue<Paid>();
        var all = new ArrayList<Paid>();
        for (int i = 0; i < SMALL + MEDIUM + LARGE; i++) {
            all.add(site.nextPayment());
        }
        // Mixed, but the same every time.
        Collections.shuffle(all, new Random(20_261_128));
        site.gateway.answerSlowlyAfter(Duration.ofSeconds(3));
        for (int i = 0; i < all.size(); i++) {
            if (i % 25 == 3) {
                site.gateway.behave(all.get(i).transaction(), Behaviour.DECLINE);
            } else if (i % 25 == 7) {
                site.gateway.behave(all.get(i).transaction(), Behaviour.LOSE_ANSWER);
            } else if (i % 25 == 11) {
                site.gateway.behave(all.get(i).transaction(), Behaviour.ANSWER_SLOWLY);
            }
        }
        waiting.addAll(all);
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < CLIENTS; i++) {
            threads.add(Thread.ofPlatform().daemon().start(() -> {
                for (Paid paid = waiting.poll(); paid != null; paid = waiting.poll()) {
                    request(paid, all.indexOf(paid));
                }
            }));
        }
        return threads;
    }

    /** With the same key until there is an answer, as a careful client does. */
    private void request(Paid paid, int number) {
        while (!over) {
            try {
                TestClient clerk = site.as(Role.BILLING_CLERK);
                var answer = clerk.send(clerk.request("/billing/payments/%s/refund".formatted(paid.payment()))
                        .timeout(Duration.ofSeconds(30))
                        .header("Content-Type", "application/json")
                        .header("Idempotency-Key", "storm-" + number)
                        .POST(BodyPublishers.ofString("""
                                {"amount": "%s", "reason": "overpayment", "description": "Paid twice"}""".formatted(paid.amount()))));
                var id = ID.matcher(answer.body());
                if (answer.statusCode() == 201 && id.find()) {
                    UUID refund = UUID.fromString(id.group(1));
                    boolean declined = number % 25 == 3;
                    boolean rejected = !paid.amount().equals("40.00") && number % 10 == 5;
                    expected.put(refund, rejected ? "rejected" : declined ? "cancelled" : "completed");
                    refunds.put(refund, paid);
                    return;
                }
            } catch (UncheckedIOException away) {
                // Asked again.
            }
            Processes.pause(Duration.ofMillis(500));
        }
    }

    private Thread person(Role role, Consumer<TestClient> round) {
        return Thread.ofPlatform().daemon().name(role.key()).start(() -> {
            while (!over) {
                try {
                    round.accept(site.as(role));
                } catch (RuntimeException away) {
                    // Somebody whose screen shows an error tries again later.
                    log.debug("{} could not work", role, away);
                }
                Processes.pause(Duration.ofSeconds(1));
            }
        });
    }

    private void managerDecides(TestClient manager) {
        waiting(0).forEach(refund -> decide(manager, refund));
    }

    private void cfoDecides(TestClient cfo) {
        waiting(1).forEach(refund -> decide(cfo, refund));
    }

    /** Refused where the task is not visible yet; it is tried again in the next round. */
    private void decide(TestClient person, UUID refund) {
        String decision = "rejected".equals(expected.get(refund)) ? "reject" : "approve";
        String version = person.get("/billing/refunds/" + refund).body().replaceAll("(?s).*\"version\":(\\d+).*", "$1");
        person.json(
                "POST",
                "/billing/refunds/%s/approval".formatted(refund),
                "{\"decision\": \"%s\", \"comment\": \"%s\", \"version\": %s}".formatted(decision, decision, version));
    }

    private void clerkCancelsWhatWasDeclined(TestClient clerk) {
        site.books()
                .sql("select id from billing_refunds where status = 'failed'")
                .query(UUID.class)
                .list()
                .forEach(refund -> clerk.json("POST", "/billing/refunds/%s/cancellation".formatted(refund), "{}"));
    }

    /** For the approval of the next level. */
    private List<UUID> waiting(int given) {
        return site.books().sql("""
                        select r.id from billing_refunds r
                        where r.status = 'pending' and cardinality(r.approval_levels) > :given
                          and (select count(*) from workflow_approvals a
                               where a.subject_type = 'refund' and a.subject_id = r.id and a.subject_version = r.version) = :given
                        """).param("given", given).query(UUID.class).list().stream()
                .filter(expected::containsKey)
                .toList();
    }

    private long ended() {
        try {
            return statuses().values().stream().filter(OVER::contains).count();
        } catch (RuntimeException away) {
            return 0;
        }
    }

    private static Map<UUID, String> statuses() {
        return site
                .books()
                .sql("select id, status from billing_refunds")
                .query((row, number) -> Map.entry(row.getObject(1, UUID.class), row.getString(2)))
                .list()
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** What the journal says left by card. */
    private static BigDecimal booked() {
        return BigDecimal.valueOf(site.books().sql("""
                                select coalesce(sum(l.credit_amount), 0) from accounting_journal_lines l
                                join accounting_journal_entries e on e.org_id = l.org_id and e.id = l.journal_entry_id
                                where e.source_document_type = 'refund'
                                """).query(Long.class).single(), 2);
    }

    private static List<String> entriesOtherThanOnePerCompletedRefund() {
        return site.books().sql("""
                        select r.id::text from billing_refunds r
                        where (select count(*) from accounting_journal_entries e where e.source_document_id = r.id)
                            <> case when r.status = 'completed' then 1 else 0 end
                        """).query(String.class).list();
    }
}
