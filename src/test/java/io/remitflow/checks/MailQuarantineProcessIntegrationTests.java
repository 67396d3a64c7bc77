package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.identity.Role;
import io.remitflow.local.RemitflowTest;
import io.remitflow.local.TestClient;
import io.remitflow.local.TestHospital;
import io.remitflow.workflow.HumanTask;
import io.remitflow.workflow.HumanTasks;
import io.remitflow.workflow.TaskPage;
import io.remitflow.workflow.TaskQuery;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ApplicationContext;

/** Mails of unknown senders as one task on the real engine. */
@RemitflowTest
class MailQuarantineProcessIntegrationTests {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Autowired
    ApplicationContext context;

    @Autowired
    HumanTasks tasks;

    @Autowired
    List<TaskPage> pages;

    @LocalServerPort
    int port;

    CheckBooks books;

    @BeforeEach
    void openHospital() {
        books = new CheckBooks(context);
    }

    @Test
    void howeverManyMailsWaitItIsOneTaskAndItEndsWhenNoneWaitsAnyMore() {
        String name = books.hospital.signInName(Role.BILLING_CLERK);
        mail("one");
        mail("two");

        HumanTask task = awaitTask(-1);
        assertThat(open()).hasSize(1);
        assertThat(task.candidateGroups()).containsExactlyInAnyOrder("billing-clerk", "billing-manager");
        assertThat(task.dueAt()).isNotNull();
        assertThat(pages.stream()
                        .filter(page -> page.processId().equals(CheckReviewSteps.QUARANTINE_PROCESS))
                        .map(page -> page.href(task)))
                .containsExactly("/app/checks/mail");
        TestClient clerk = TestClient.browser(port).signIn(name, TestHospital.PASSWORD);
        assertThat(clerk.get("/app").body()).contains("Mails in quarantine");
        assertThat(clerk.get("/app/inbox").body()).contains("Look at mails in quarantine");

        books.hospital.run(() -> tasks.complete(task.key(), name, Map.of("looked", "done")));
        HumanTask again = awaitTask(task.key());
        // Tasklist learns of a task before its variables.
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(reason(again.key())).contains("2 mails still in quarantine"));

        waiting()
                .forEach(mail -> books.as(Role.BILLING_CLERK, () -> {
                    books.bean(CheckMails.class).discard(mail.id(), "Nobody knows them");
                    return true;
                }));

        await().atMost(PATIENCE).until(() -> open().isEmpty());
        assertThat(clerk.get("/app").body()).doesNotContain("Mails in quarantine");
    }

    private void mail(String subject) {
        byte[] mail = """
                From: stranger@elsewhere.example
                To: checks@hospital.example
                Subject: %s
                MIME-Version: 1.0
                Content-Type: application/pdf; name="scan.pdf"
                Content-Disposition: attachment; filename="scan.pdf"

                no scan
                """.formatted(subject).replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
        books.hospital.run(() -> books.bean(CheckMails.class).receive("mx.hospital.example", mail));
    }

    private List<CheckMail> waiting() {
        return books.as(() -> books.bean(CheckMails.class).list(CheckMail.State.QUARANTINED, 10));
    }

    private List<HumanTask> open() {
        return books.hospital.call(() -> tasks.open(TaskQuery.all().at(CheckReviewSteps.LOOK_AT_MAILS)));
    }

    private String reason(long task) {
        return books.hospital.call(() -> tasks.find(task)).stream()
                .map(found -> String.valueOf(found.variables().get("refusalReason")))
                .collect(Collectors.joining());
    }

    private HumanTask awaitTask(long otherThan) {
        return await().atMost(PATIENCE)
                .until(
                        () -> open().stream()
                                .filter(task -> task.key() > otherThan)
                                .flatMap(task -> books.hospital.call(() -> tasks.find(task.key())).stream())
                                .toList(),
                        found -> !found.isEmpty())
                .getFirst();
    }
}
