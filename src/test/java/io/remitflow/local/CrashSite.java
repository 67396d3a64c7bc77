package io.remitflow.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.camunda.client.CamundaClient;
import io.camunda.client.api.command.ClientStatusException;
import io.remitflow.Remitflow;
import io.remitflow.billing.InvoiceSetting;
import io.remitflow.billing.InvoiceType;
import io.remitflow.billing.Invoices;
import io.remitflow.billing.NewInvoice;
import io.remitflow.checks.CheckPayers;
import io.remitflow.claims.CareSetting;
import io.remitflow.claims.Claims;
import io.remitflow.claims.NewClaim;
import io.remitflow.claims.NewPayer;
import io.remitflow.claims.Payers;
import io.remitflow.core.Amounts;
import io.remitflow.identity.BillingSettings.Delivery;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Role;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.remittance.BilledClaims;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionTimeoutException;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.FileSystemUtils;

/**
 * The application and the services it needs as processes of their own, to be killed: nothing of it is shared with other
 * tests, whose application would otherwise take over the work of the killed one.
 *
 * <p>Tasklist and OpenSearch run only where a test needs people to decide.
 */
final class CrashSite implements AutoCloseable {

    /** What a killed application had taken from the engine is given out again after this time. */
    static final Duration JOB_TIMEOUT = Duration.ofSeconds(12);

    /** An application that was just started deploys its models before it sends anything. */
    private static final Duration QUIET_WITHIN = Duration.ofMinutes(3);

    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(60);

    static final String PAYER = "1987654321";
    static final String FAMILY_NAME = "Canaryfield";
    static final String GIVEN_NAME = "Tweetyanna";

    private static final Pattern ID = Pattern.compile("\"id\":\"([0-9a-f-]{36})\"");
    private static final LocalDate SERVED = LocalDate.of(2026, 10, 20);

    final CardGatewayStandIn gateway;
    final RemitflowProcess application;
    final LocalBroker broker;
    final TcpProxy toEngine;
    private final Path directory = TestServices.directory().resolve(RunDirectory.CRASHING);
    private final Plan plan;
    private final int gatewayPort = Ports.free();
    private final Deque<Paid> paid = new ArrayDeque<>();
    private final CamundaClient engine;
    private LocalPostgres postgres;
    private @Nullable TestHospital hospital;
    private @Nullable LocalOpenSearch openSearch;
    private @Nullable LocalTasklist tasklist;

    /** A payment by card of an account that has no other. */
    record Paid(UUID payment, String transaction, String amount) {}

    /**
     * What is there when the tests begin.
     *
     * @param payments their amounts; a refund of up to 100.00 needs nobody's approval
     * @param controlledClock whether the engine's time can be moved
     * @param people whether somebody can decide about tasks
     * @param disk where PostgreSQL keeps its data; null: with everything else
     * @param checkPayer a facility that owes 100.00 and pays by check; null: none
     */
    record Plan(
            List<String> payments,
            List<String> claims,
            boolean controlledClock,
            boolean people,
            @Nullable Path disk,
            @Nullable String checkPayer,
            @Nullable Path billed) {

        static Plan smallPayments(int count) {
            return new Plan(Collections.nCopies(count, "40.00"), List.of(), false, false, null, null, null);
        }

        Plan withClaims(String... controlNumbers) {
            return new Plan(payments, List.of(controlNumbers), controlledClock, people, disk, checkPayer, billed);
        }

        Plan withControlledClock() {
            return new Plan(payments, claims, true, people, disk, checkPayer, billed);
        }

        Plan withPeople() {
            return new Plan(payments, claims, controlledClock, true, disk, checkPayer, billed);
        }

        Plan withPostgresOn(Path directory) {
            return new Plan(payments, claims, controlledClock, people, directory, checkPayer, billed);
        }

        Plan withChecksFrom(String facility) {
            return new Plan(payments, claims, controlledClock, people, disk, facility, billed);
        }

        /** All claims that a remittance file answers are billed. */
        Plan withBilledClaimsOf(Path file) {
            return new Plan(payments, claims, controlledClock, people, disk, checkPayer, file);
        }

        Plan and(int count, String amount) {
            var more = new ArrayList<>(payments);
            more.addAll(Collections.nCopies(count, amount));
            return new Plan(more, claims, controlledClock, people, disk, checkPayer, billed);
        }
    }

    CrashSite(Plan plan) {
        this.plan = plan;
        postgres = LocalPostgres.startOnFreePort(postgresDirectory());
        var ports = LocalPorts.free();
        if (plan.people()) {
            openSearch = new LocalOpenSearch(directory, ports.openSearch(), ports.openSearchTransport());
            openSearch.start();
        }
        broker = new LocalBroker(directory, ports, plan.controlledClock());
        broker.start();
        toEngine = TcpProxy.to(ports.brokerGrpc());
        seed();
        gateway = new CardGatewayStandIn(directory.resolve("gateway.json"));
        gateway.start(gatewayPort);

        var settings = settings();
        settings.put("camunda.client.grpc-address", "http://127.0.0.1:" + toEngine.port());
        settings.put("camunda.client.rest-address", broker.restAddress());
        settings.put("camunda.client.worker.defaults.timeout", JOB_TIMEOUT.toString());
        if (openSearch == null) {
            settings.put("remitflow.camunda.tasklist.url", "http://127.0.0.1:" + Ports.CLOSED);
        } else {
            openSearch.awaitHealthy();
            tasklist = new LocalTasklist(directory, ports);
            tasklist.start();
            settings.put("remitflow.camunda.tasklist.url", tasklist.url());
            settings.put("remitflow.camunda.tasklist.username", "demo");
            settings.put("remitflow.camunda.tasklist.password", "demo");
        }
        application = RemitflowProcess.create(settings);
        gateway.reportTo(URI.create("%s/billing/payments/webhooks/%s/%s"
                .formatted(application.url(), Gateways.SANDBOX, hospital().code())));
        engine = CamundaClient.newClientBuilder()
                .grpcAddress(URI.create(broker.grpcAddress()))
                .restAddress(URI.create(broker.restAddress()))
                .preferRestOverGrpc(false)
                .build();
        broker.awaitHealthy();
        if (tasklist != null) {
            tasklist.awaitHealthy();
        }
    }

    private Path postgresDirectory() {
        return Objects.requireNonNullElse(plan.disk(), directory).resolve("postgres");
    }

    private Map<String, String> settings() {
        var settings = new HashMap<>(postgres.properties());
        settings.putAll(LocalSettings.of(gatewayPort, Ports.CLOSED));
        settings.put("remitflow.files.directory", directory.resolve("files").toString());
        return settings;
    }

    /** By an application that ends before the first test, so that only the one to be killed is at work. */
    private void seed() {
        var settings = settings();
        settings.putAll(TestServices.closedEngine());
        settings.put("server.port", "0");
        settings.put("server.address", "127.0.0.1");
        String[] arguments = settings.entrySet().stream()
                .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
                .toArray(String[]::new);
        try (var context = new SpringApplicationBuilder(Remitflow.class).run(arguments)) {
            hospital = TestHospital.create(context);
            List.of(Role.BILLING_CLERK, Role.ACCOUNTING_STAFF, Role.BILLING_MANAGER, Role.CFO)
                    .forEach(hospital::user);
            hospital.runAs(Role.BILLING_CLERK, () -> {
                for (String amount : plan.payments()) {
                    pay(context, "ch_crash_" + (paid.size() + 1), amount);
                }
                UUID payer = context.getBean(Payers.class)
                        .create(new NewPayer("Greenleaf Health Plan", "commercial", PAYER));
                for (String claim : plan.claims()) {
                    submit(context, payer, claim);
                }
                String checkPayer = plan.checkPayer();
                if (checkPayer != null) {
                    owe(context, checkPayer);
                }
            });
            Path billed = plan.billed();
            if (billed != null) {
                BilledClaims.of(context, hospital(), billed);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void pay(ApplicationContext context, String transaction, String amount) {
        UUID payment = context.getBean(Payments.class)
                .record(NewPayment.card(
                        account(context, transaction),
                        null,
                        context.getBean(Organizations.class).today(),
                        usd(amount),
                        // a card each, or they would add up as one refund that was split
                        "%04d".formatted(paid.size()),
                        Gateways.SANDBOX,
                        transaction));
        paid.add(new Paid(payment, transaction, amount));
    }

    private static void submit(ApplicationContext context, UUID payer, String claim) {
        context.getBean(Claims.class)
                .create(new NewClaim(
                        account(context, claim),
                        payer,
                        claim,
                        CareSetting.OUTPATIENT,
                        SERVED,
                        List.of(NewClaim.Line.procedure("99213", SERVED, usd("100.00")))));
    }

    /** A facility with an invoice of 100.00 that is paid by check. */
    private static void owe(ApplicationContext context, String facility) {
        UUID account = context.getBean(PatientAccounts.class)
                .open(new NewPatientAccount("facility-1", null, facility, null, null, null));
        LocalDate today = context.getBean(Organizations.class).today();
        var invoices = context.getBean(Invoices.class);
        UUID invoice = invoices.draft(new NewInvoice(
                account,
                InvoiceType.INSTITUTIONAL,
                InvoiceSetting.OUTPATIENT,
                null,
                today,
                null,
                null,
                List.of(new NewInvoice.Line(today.minusDays(5), "Staffing, one week", null, 1, usd("100.00"), null))));
        invoices.send(invoice, Delivery.MAIL);
        context.getBean(CheckPayers.class).add(facility, false, Set.of(account));
    }

    private static UUID account(ApplicationContext context, String of) {
        return context.getBean(PatientAccounts.class)
                .open(new NewPatientAccount("patient-" + of, null, FAMILY_NAME, GIVEN_NAME, null, null));
    }

    private static Money usd(String amount) {
        return Amounts.parse(amount, "USD");
    }

    TestHospital hospital() {
        return Objects.requireNonNull(hospital);
    }

    /** Each payment is handed out once. */
    Paid nextPayment() {
        return paid.remove();
    }

    /** Of exactly that amount. */
    Paid nextPaymentOf(String amount) {
        Paid found = paid.stream()
                .filter(payment -> payment.amount().equals(amount))
                .findFirst()
                .orElseThrow();
        paid.remove(found);
        return found;
    }

    /** All of it back to the card. */
    UUID request(TestClient clerk, Paid paid) {
        var answer = clerk.json(
                "POST", "/billing/payments/%s/refund".formatted(paid.payment()), """
                        {"amount": "%s", "reason": "overpayment", "description": "Paid twice"}""".formatted(paid.amount()));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        var id = ID.matcher(answer.body());
        assertThat(id.find()).isTrue();
        return UUID.fromString(id.group(1));
    }

    Path inbox() {
        return inbox("era");
    }

    Path inbox(String kind) {
        return directory.resolve("files/inbox").resolve(hospital().code()).resolve(kind);
    }

    /** As the application starts in the morning: everything that is down comes up. */
    void up() {
        if (!broker.isHealthy()) {
            broker.start();
            broker.awaitHealthy();
        }
        if (!application.isRunning()) {
            application.start();
        }
    }

    /** As after the loss of its disk. */
    void loseBroker() {
        broker.kill();
        try {
            FileSystemUtils.deleteRecursively(directory.resolve("broker"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void stopPostgresImmediately() {
        postgres.stopImmediately();
    }

    void killPostgres() {
        postgres.kill();
    }

    void restartPostgres() {
        int port = postgres.port();
        postgres = LocalPostgres.start(postgresDirectory(), port);
    }

    LocalPostgres postgres() {
        return postgres;
    }

    /** Sees all rows. */
    JdbcClient books() {
        return JdbcClient.create(postgres.superuser());
    }

    TestClient as(Role role) {
        return TestClient.api(application.port(), hospital().signInName(role), TestHospital.PASSWORD);
    }

    /** Asked of the engine itself, which may have been started a moment ago; 0: the case ended before its process began. */
    boolean isLive(long processInstance) {
        if (processInstance == 0) {
            return false;
        }
        var refusal = new AtomicReference<ClientStatusException>();
        try {
            return await().atMost(ANSWERS_WITHIN)
                    .until(() -> answerOfEngine(processInstance, refusal), Optional::isPresent)
                    .orElseThrow();
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("The engine says nothing about instance " + processInstance, refusal.get());
        }
    }

    /** Empty: it does not know yet which partitions it has. */
    private Optional<Boolean> answerOfEngine(long processInstance, AtomicReference<ClientStatusException> refusal) {
        try {
            engine.newSetVariablesCommand(processInstance)
                    .variables(Map.of())
                    .send()
                    .join();
            return Optional.of(true);
        } catch (ClientStatusException e) {
            refusal.set(e);
            return switch (e.getStatusCode()) {
                case NOT_FOUND -> Optional.of(false);
                case UNAVAILABLE, RESOURCE_EXHAUSTED -> Optional.empty();
                default -> throw e;
            };
        }
    }

    /** Those that were found lost are listed for an operator instead. */
    private List<Long> open() {
        return books().sql(
                        "select process_instance_key from workflow_process_instances where ended_at is null and lost_at is null")
                .query(Long.class)
                .list();
    }

    void invariantsHold() {
        Invariants.of(postgres.superuser()).holdWhenQuiet(QUIET_WITHIN);
        assertThat(open()).as("I8 processes of open cases").allMatch(this::isLive);
        Invariants.keptSilent(application.log(), FAMILY_NAME, GIVEN_NAME);
        assertThat(broker.keeps(FAMILY_NAME) || broker.keeps(GIVEN_NAME))
                .as("I11 the engine keeps the name of a patient")
                .isFalse();
    }

    @Override
    public void close() {
        application.close();
        engine.close();
        gateway.close();
        toEngine.close();
        if (tasklist != null) {
            tasklist.close();
        }
        broker.kill();
        if (openSearch != null) {
            openSearch.close();
        }
        postgres.kill();
        RunDirectory.delete(directory);
    }
}
