package io.remitflow.remittance;

import static io.remitflow.remittance.RemittanceBooks.usd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.OrganizationId;
import io.remitflow.identity.Role;
import io.remitflow.identity.UserId;
import io.remitflow.identity.Users;
import io.remitflow.ledger.Account;
import io.remitflow.ledger.ChartOfAccounts;
import io.remitflow.ledger.Journal;
import io.remitflow.ledger.JournalEntry;
import io.remitflow.local.BooksTest;
import io.remitflow.local.DemoHospital;
import io.remitflow.local.TestServices;
import io.remitflow.receivables.PatientAccount;
import io.remitflow.receivables.PatientAccounts;
import io.remitflow.refunds.CreditBalance;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.remittance.RemittancePreview.CreditChange;
import io.remitflow.remittance.RemittancePreview.LedgerChange;
import io.remitflow.remittance.RemittancePreview.PatientChange;
import io.remitflow.workflow.ApprovalDecision;
import io.remitflow.workflow.Timeline;
import io.remitflow.workflow.TimelineEntry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A remittance that waits for a person: why it waits, what its preview shows, and what the decision does. */
@BooksTest
class RemittanceReviewsIntegrationTests {

    private static final AtomicLong TASKS = new AtomicLong(7_000);
    private static final AtomicInteger HOSPITALS = new AtomicInteger();
    private static final String PAID = """
            CLP*C1*1*100*60*20*12*ICN1
            SVC*HC:99213*100*60**1
            CAS*CO*45*20
            CAS*PR*2*20
            """;

    @Autowired
    ApplicationContext context;

    @Autowired
    Remittances remittances;

    @Autowired
    RemittanceReviews reviews;

    @Autowired
    RemittancePreviews previews;

    @Autowired
    RemittanceRegister register;

    @Autowired
    ReviewPolicies policies;

    RemittanceBooks books;

    @BeforeEach
    void openHospital() {
        books = new RemittanceBooks(context).claim("C1", "100.00");
    }

    @Test
    void postsAtOnceUnlessThePolicySaysOtherwise() {
        assertThat(state(books.receive(EraText.of("T1", "60", PAID)))).isEqualTo(RemittanceState.POSTED);
        assertThat(books.hospital.call(policies::current)).isEqualTo(ReviewPolicy.OFF);
    }

    @Test
    void holdsWhatMovesMoreThanTheAmountOfThePolicy() {
        policy(new ReviewPolicy(usd("59.99"), false, Set.of()));

        UUID waiting = inReview(EraText.of("T1", "60", PAID));

        assertThat(review(waiting).reasons()).containsExactly("It moves more than 59.99");
        assertThat(review(waiting).amount()).isEqualTo(usd("60.00"));
        assertNothingPosted(waiting);
        policy(new ReviewPolicy(usd("60.00"), false, Set.of()));
        books.claim("C2", "100.00");
        assertThat(state(books.receive(
                        EraText.of("T2", "60", PAID.replace("C1", "C2").replace("ICN1", "ICN2")))))
                .isEqualTo(RemittanceState.POSTED);
    }

    @Test
    void holdsWhatTakesMoneyBack() {
        policy(new ReviewPolicy(null, true, Set.of()));
        UUID first = books.receive(EraText.of("T1", "60", PAID))
                .remittances()
                .getFirst()
                .id();
        assertThat(books.hospital.call(() -> register.get(first)).summary().state())
                .isEqualTo(RemittanceState.POSTED);

        UUID reversal = inReview(EraText.of("T2", "0", """
                CLP*C1*22*-100*-60*-20*12*ICN1
                SVC*HC:99213*-100*-60**-1
                CAS*CO*45*-20
                CAS*PR*2*-20
                PLB*1234567893*20261231*WO:OLD*-60
                """));
        UUID takeback =
                inReview(EraText.of("T3", "50", PAID.replace("ICN1", "ICN3") + "PLB*1234567893*20261231*WO:ICN9*10"));

        assertThat(review(reversal).reasons()).containsExactly("It takes back earlier payments (reversals)");
        assertThat(review(reversal).amount()).isEqualTo(usd("60.00"));
        assertThat(review(takeback).reasons()).containsExactly("It takes money back outside of claims");
        assertThat(review(takeback).takesBack()).isTrue();
    }

    @Test
    void holdsWhatComesFromAPayerOfThePolicy() {
        policy(new ReviewPolicy(null, false, Set.of(books.payer)));

        UUID waiting = inReview(EraText.of("T1", "60", PAID));

        assertThat(review(waiting).reasons()).containsExactly("All remittances of this payer are reviewed");
        assertThat(review(waiting).takesBack()).isFalse();
    }

    @Test
    void holdsWhatSomebodyWantsToLookAtFirstAndRemembersWhoItWas() {
        UUID waiting = lookFirst(EraText.of("T1", "60", PAID));

        assertThat(review(waiting).requestedBy()).isEqualTo(books.hospital.user(Role.BILLING_CLERK));
        assertThat(review(waiting).reasons()).containsExactly("Whoever uploaded it asked to look before posting");
        assertThat(books.query("""
                        select variables ->> 'remittanceId' from workflow_outbox
                        where message_name = 'remittance.review-requested'
                        """, String.class)).isEqualTo(waiting.toString());
        assertNothingPosted(waiting);
    }

    @Test
    void aRemittanceThatDoesNotBalanceIsHeldAndHasNoReview() {
        policy(new ReviewPolicy(usd("0.00"), true, Set.of(books.payer)));

        Receipt receipt = books.receive(EraText.of("T1", "60.01", PAID));

        UUID id = receipt.remittances().getFirst().id();
        assertThat(state(receipt)).isEqualTo(RemittanceState.HELD);
        assertThat(books.hospital.call(() -> reviews.find(id))).isEmpty();
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.hospital.call(() -> previews.of(id)))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.REMITTANCE_NOT_IN_REVIEW));
    }

    @Test
    void aPreviewLeavesNoTrace() {
        books.patientPays("C1", "50.00");
        UUID waiting = lookFirst(EraText.of("T1", "50", PAID + "PLB*1234567893*20261231*WO:ICN9*10"));
        awaitSealed();
        // Another application on these books may start the process of the review just now; it does so once.
        // Each look reads every table twice, over a connection of its own.
        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
            Map<String, String> before = fingerprints();
            assertThat(before).hasSizeGreaterThan(40);

            RemittancePreview preview = preview(waiting);

            assertThat(preview.outcome()).isEqualTo(RemittanceState.POSTED);
            assertThat(preview.credits()).extracting(CreditChange::after).containsExactly(usd("30.00"));
            assertThat(preview.takebacks()).hasSize(1);
            assertThat(preview.entries()).isNotEmpty();
            assertThat(fingerprints()).isEqualTo(before);
        });
    }

    @Test
    void whatThePreviewShowsIsWhatThePostingDoes() {
        OrganizationId hospital = DemoHospital.load(
                context, "preview-%d-%d".formatted(ProcessHandle.current().pid(), HOSPITALS.incrementAndGet()));
        UserId approver = CurrentOrganization.call(
                hospital,
                () -> context.getBean(Users.class)
                        .create("reviewer", "Reviewer", "correct horse battery", Set.of(Role.BILLING_MANAGER)));
        int posted = 0;
        for (Path sample : samples()) {
            Receipt receipt = CurrentOrganization.call(
                    hospital,
                    () -> remittances.receive(
                            "era-test" + Remittances.LOOK_FIRST,
                            sample.getFileName().toString(),
                            new ByteArrayInputStream(bytes(sample))));
            for (Receipt.Part part : receipt.remittances()) {
                if (part.state() == RemittanceState.REVIEW) {
                    CurrentOrganization.run(hospital, () -> assertPreviewIsPosting(part.id(), approver));
                    posted++;
                }
            }
        }
        assertThat(posted).isEqualTo(7);
    }

    private void assertPreviewIsPosting(UUID id, UserId approver) {
        Map<String, Account> before = chart();
        RemittancePreview preview = previews.of(id);
        assertThat(chart()).isEqualTo(before);

        reviews.ruleAnswered(id, List.of("billing-manager"), "Test rule");
        CurrentUser.run(
                approver,
                () -> reviews.decide(
                        id,
                        new ApprovalDecision(
                                TASKS.incrementAndGet(), reviews.get(id).round(), true, null)));
        assertThat(reviews.post(id)).isEqualTo(preview.outcome());

        Map<String, Account> after = chart();
        Map<String, LedgerChange> ledger =
                preview.ledger().stream().collect(Collectors.toMap(LedgerChange::code, Function.identity()));
        assertThat(ledger).isNotEmpty();
        assertThat(after.keySet()).isEqualTo(before.keySet());
        after.forEach((code, account) -> {
            Account earlier = Objects.requireNonNull(before.get(code));
            LedgerChange change = ledger.get(code);
            if (change == null) {
                assertThat(account.balance()).as(code).isEqualTo(earlier.balance());
            } else {
                // The chart shows a balance in its normal direction, the preview debits minus credits.
                assertThat(account.balance().abs())
                        .as(code)
                        .isEqualTo(change.after().abs());
                assertThat(earlier.balance().abs())
                        .as(code)
                        .isEqualTo(change.before().abs());
                assertThat(account.balance().minus(earlier.balance()).abs())
                        .as(code)
                        .isEqualTo(change.change().abs());
            }
        });
        PatientAccounts accounts = context.getBean(PatientAccounts.class);
        assertThat(preview.patients()).hasSize(preview.patientAccounts());
        for (PatientChange change : preview.patients()) {
            PatientAccount account = accounts.get(change.accountId());
            assertThat(change.insuranceAfter()).isEqualTo(account.insuranceBalance());
            assertThat(change.patientAfter()).isEqualTo(account.patientBalance());
        }
        UUID entryId = Objects.requireNonNull(register.get(id).summary().journalEntryId());
        JournalEntry entry = context.getBean(Journal.class).find(entryId).orElseThrow();
        assertThat(preview.entries().getLast().description()).isEqualTo(entry.description());
        assertThat(preview.entries().getLast().date()).isEqualTo(entry.date());
        assertThat(preview.entries().getLast().lines().stream()
                        .map(line -> line.accountCode() + line.debit() + line.credit() + line.text()))
                .containsExactlyElementsOf(entry.lines().stream()
                        .map(line -> line.accountCode() + line.debit() + line.credit() + line.text())
                        .toList());
        assertThat(register.get(id).findings()).isEqualTo(preview.findings());
        assertThat(preview.takebacks())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("takebackId", "otherId", "journalEntryId")
                .isEqualTo(context.getBean(Takebacks.class).ofRemittance(id));
        assertThat(preview.denials())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("id")
                .isEqualTo(register.deniedOf(id, 500));
        assertThat(preview.held())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("id")
                .isEqualTo(register.notPosted(id, 500));
        for (CreditChange change : preview.credits()) {
            var unresolved =
                    context.getBean(CreditBalances.class).unresolvedOf(List.of(change.claimId())).values().stream()
                            .filter(credit -> credit.owner() == change.owner())
                            .map(CreditBalance::amount)
                            .toList();
            assertThat(unresolved)
                    .isEqualTo(change.kind() == CreditChange.Kind.RESOLVED ? List.of() : List.of(change.after()));
        }
    }

    @Test
    void anApprovedRemittanceIsPostedOnceHoweverOftenTheWorkerRuns() throws Exception {
        UUID waiting = lookFirst(EraText.of("T1", "60", PAID));
        ruleAnswers(waiting, "billing-manager");
        decide(Role.BILLING_MANAGER, waiting, true, null);

        List<Callable<RemittanceState>> workers =
                java.util.Collections.nCopies(4, () -> books.hospital.call(() -> reviews.post(waiting)));
        try (var pool = Executors.newFixedThreadPool(4)) {
            for (Future<RemittanceState> result : pool.invokeAll(workers)) {
                assertThat(result.get()).isEqualTo(RemittanceState.POSTED);
            }
        }

        assertThat(books.query(
                        "select count(*) from accounting_journal_entries where source_document_id = '%s'"
                                .formatted(waiting),
                        Long.class))
                .isEqualTo(1);
        assertThat(books.patientBalance("C1")).isEqualTo(usd("20.00"));
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(steps(waiting)).containsSubsequence("Waits for review", "Needs approval", "Approved", "Posted");
    }

    @Test
    void claimsAreLookedUpAnewAtTheMomentOfPosting() {
        UUID waiting = lookFirst(EraText.of("T1", "60", PAID.replace("C1", "LATER")));
        assertThat(preview(waiting).held())
                .extracting(AnsweredClaim::controlNumber)
                .containsExactly("LATER");
        books.claim("LATER", "100.00");
        assertThat(preview(waiting).held()).isEmpty();
        ruleAnswers(waiting, "billing-manager");
        decide(Role.BILLING_MANAGER, waiting, true, null);

        assertThat(books.hospital.call(() -> reviews.post(waiting))).isEqualTo(RemittanceState.POSTED);

        assertThat(books.insuranceBalance("LATER")).isEqualTo(usd("0.00"));
        assertThat(books.balanceMinor("2010")).isZero();
    }

    @Test
    void whatCannotBePostedAnyMoreIsHeldAsAWhole() {
        UUID waiting = lookFirst(EraText.of("T1", "60", PAID));
        // The same payment with another content is posted in the meantime.
        assertThat(state(books.receive(EraText.of("T1", "60", PAID.replace("ICN1", "ICN2")))))
                .isEqualTo(RemittanceState.POSTED);
        assertThat(preview(waiting).outcome()).isEqualTo(RemittanceState.HELD);
        assertThat(preview(waiting).ledger()).isEmpty();
        ruleAnswers(waiting, "billing-manager");
        decide(Role.BILLING_MANAGER, waiting, true, null);

        assertThat(books.hospital.call(() -> reviews.post(waiting))).isEqualTo(RemittanceState.HELD);

        assertThat(books.hospital.call(() -> register.get(waiting)).findings())
                .extracting(RemittanceDetail.Finding::rule)
                .contains("SAME_PAYMENT_OTHER_CONTENT");
        assertThat(books.insuranceBalance("C1")).isEqualTo(usd("0.00"));
        assertThat(books.hospital.call(() -> reviews.post(waiting))).isEqualTo(RemittanceState.HELD);
    }

    @Test
    void aRejectedRemittancePostsNothingAndNeverWill() {
        UUID waiting = lookFirst(EraText.of("T1", "60", PAID));
        ruleAnswers(waiting, "billing-manager");
        assertThatExceptionOfType(RuleViolation.class)
                .as("a rejection needs a reason")
                .isThrownBy(() -> decide(Role.BILLING_MANAGER, waiting, false, " "));
        decide(Role.BILLING_MANAGER, waiting, false, "Not our payer");

        assertThat(review(waiting).state()).isEqualTo(RemittanceState.REJECTED);
        assertThat(review(waiting).comment()).isEqualTo("Not our payer");
        assertNothingPosted(waiting);
        assertThat(steps(waiting)).contains("Rejected", "Not posted");
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> books.hospital.call(() -> reviews.post(waiting)))
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(Refusal.REMITTANCE_NOT_IN_REVIEW));
        assertNothingPosted(waiting);
    }

    @Test
    void whoeverUploadedItDoesNotApproveItAndEveryLevelIsAnotherPerson() {
        UUID waiting = books.hospital.call(() -> {
            var id = new UUID[1];
            CurrentUser.run(
                    books.hospital.user(Role.BILLING_MANAGER),
                    () -> id[0] = receiveLookFirst(EraText.of("T1", "60", PAID)));
            return id[0];
        });
        ruleAnswers(waiting, "billing-manager", "cfo");

        assertRefused(Refusal.SELF_APPROVAL, () -> decide(Role.BILLING_MANAGER, waiting, true, null));
        assertRefused(Refusal.APPROVER_LACKS_AUTHORITY, () -> decide(Role.ACCOUNTING_STAFF, waiting, true, null));
        decide(Role.CFO, waiting, true, null);
        assertRefused(Refusal.APPROVER_USED_BEFORE, () -> decide(Role.CFO, waiting, true, null));
        assertRefused(Refusal.REMITTANCE_NOT_IN_REVIEW, () -> books.hospital.call(() -> reviews.post(waiting)));
        assertNothingPosted(waiting);
    }

    @Test
    void theDatabaseKeepsWhatIsPostedAndLetsOnlyAReviewBeReadAgain() {
        UUID posted = books.receive(EraText.of("T1", "60", PAID))
                .remittances()
                .getFirst()
                .id();

        for (String part : List.of("adjustments", "service_lines", "claims")) {
            String which = part.equals("claims")
                    ? "remittance_id = '%s'".formatted(posted)
                    : "remittance_claim_id in (select id from billing_remittance_claims where remittance_id = '%s')"
                            .formatted(posted);
            assertThatExceptionOfType(DataAccessException.class)
                    .isThrownBy(() -> JdbcClient.create(TestServices.postgres().superuser())
                            .sql("delete from billing_remittance_%s where %s".formatted(part, which))
                            .update())
                    .havingRootCause()
                    .withMessageContaining("never changed or deleted");
        }
    }

    private static void assertRefused(Refusal refusal, Runnable action) {
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(action::run)
                .satisfies(e -> assertThat(e.refusal()).isEqualTo(refusal));
    }

    private void assertNothingPosted(UUID id) {
        assertThat(books.query(
                        "select count(*) from accounting_journal_entries where source_document_id = '%s'".formatted(id),
                        Long.class))
                .isZero();
        assertThat(books.query(
                        "select count(*) from billing_patient_transactions where source_key like 'remittance:%s:%%'"
                                .formatted(id),
                        Long.class))
                .isZero();
        assertThat(books.hospital.call(() -> register.claims(id, 0, 10)))
                .isNotEmpty()
                .allSatisfy(claim -> assertThat(claim.treatment()).isEqualTo(ClaimTreatment.NOT_POSTED));
    }

    private void policy(ReviewPolicy policy) {
        books.hospital.run(() -> policies.change(policy));
    }

    private UUID inReview(EraText text) {
        Receipt receipt = books.receive(text);
        assertThat(state(receipt)).isEqualTo(RemittanceState.REVIEW);
        return receipt.remittances().getFirst().id();
    }

    private UUID lookFirst(EraText text) {
        return books.hospital.call(() -> {
            var id = new UUID[1];
            CurrentUser.run(books.hospital.user(Role.BILLING_CLERK), () -> id[0] = receiveLookFirst(text));
            return id[0];
        });
    }

    private UUID receiveLookFirst(EraText text) {
        Receipt receipt = remittances.receive("era-upload" + Remittances.LOOK_FIRST, "remit.835", text.stream());
        assertThat(state(receipt)).isEqualTo(RemittanceState.REVIEW);
        return receipt.remittances().getFirst().id();
    }

    private RemittancePreview preview(UUID id) {
        return books.hospital.call(() -> previews.of(id));
    }

    private RemittanceReview review(UUID id) {
        return books.hospital.call(() -> reviews.get(id));
    }

    private void ruleAnswers(UUID id, String... levels) {
        books.hospital.run(() -> reviews.ruleAnswered(id, List.of(levels), "Test rule"));
    }

    private void decide(Role role, UUID id, boolean approve, @org.jspecify.annotations.Nullable String comment) {
        books.hospital.runAs(
                role,
                () -> reviews.decide(
                        id,
                        new ApprovalDecision(
                                TASKS.incrementAndGet(), reviews.get(id).round(), approve, comment)));
    }

    private List<String> steps(UUID id) {
        return books.hospital.call(() -> context.getBean(Timeline.class).of(RemittanceReviews.SUBJECT, id)).stream()
                .map(TimelineEntry::step)
                .toList();
    }

    private static RemittanceState state(Receipt receipt) {
        return receipt.remittances().getFirst().state();
    }

    private Map<String, Account> chart() {
        return context.getBean(ChartOfAccounts.class).all().stream()
                .collect(Collectors.toMap(Account::code, Function.identity()));
    }

    private void awaitSealed() {
        await().atMost(Duration.ofSeconds(30)).until(() -> books.query("""
                        select count(*) from audit_log a
                        where not exists (select from audit_chain c where c.org_id = a.org_id and c.audit_id = a.id)
                        """, Long.class) == 0);
    }

    /** Every row of the hospital in every table, and the state of every sequence. */
    private Map<String, String> fingerprints() {
        JdbcClient database = JdbcClient.create(TestServices.postgres().superuser());
        var found = new TreeMap<String, String>();
        database.sql("""
                        select c.oid::regclass::text from pg_class c join pg_attribute a on a.attrelid = c.oid
                        where a.attname = 'org_id' and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
                        """).query(String.class).list().forEach(table -> {
            // What is sent to the engine is counted only: without an engine, its attempts go on.
            String content = table.equals("workflow_outbox")
                    ? "count(*)::text"
                    : "count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' order by t::text)), '')";
            found.put(
                    table,
                    database.sql("select %s from %s t where org_id = :org".formatted(content, table))
                            .param("org", books.hospital.id().value())
                            .query(String.class)
                            .single());
        });
        database.sql("select sequencename, coalesce(last_value, 0) from pg_sequences")
                .query((row, number) -> found.put("sequence " + row.getString(1), row.getString(2)))
                .list();
        return found;
    }

    private static List<Path> samples() {
        try (Stream<Path> files = Files.list(Path.of("samples/835"))) {
            return files.filter(file -> file.toString().endsWith(".835"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
