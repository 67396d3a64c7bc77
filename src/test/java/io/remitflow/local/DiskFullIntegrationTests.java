package io.remitflow.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.remitflow.identity.Role;
import io.remitflow.local.CrashSite.Plan;
import io.remitflow.remittance.feed.Era835Generator;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A12: nothing can be written any more. What was confirmed stays, what was not is refused, and it goes on when there is room. */
@Tag("chaos")
class DiskFullIntegrationTests {

    private static final Duration SOON = Duration.ofSeconds(90);
    private static final int MEGABYTES = 500;
    private static final int MOST_UPLOADS = 60;

    private static SmallDisk disk;
    private static CrashSite site;

    @BeforeAll
    static void build() {
        var mounted = SmallDisk.mount(TestServices.directory().resolve("small-disk"), MEGABYTES);
        assumeThat(mounted).as("the right to mount a small disk").isPresent();
        disk = mounted.orElseThrow();
        site = new CrashSite(Plan.smallPayments(2).withPostgresOn(disk.directory()));
        site.up();
    }

    @AfterAll
    static void leave() {
        if (site != null) {
            site.close();
        }
        if (disk != null) {
            disk.close();
        }
    }

    @Test
    void a12_aDatabaseWithoutRoomRefusesWithATimeToComeBackAndGoesOnWhenThereIsRoom() {
        List<Integer> confirmed = new ArrayList<>();
        confirmed.add(0);
        assertThat(upload(0).statusCode()).isEqualTo(201);

        disk.fill();
        var refused = upload(1);
        for (int seed = 2; seed < MOST_UPLOADS && refused.statusCode() == 201; seed++) {
            confirmed.add(seed - 1);
            refused = upload(seed);
        }

        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        assertThat(site.application.isRunning()).isTrue();

        disk.free();
        if (LocalPostgres.postmaster(disk.directory().resolve("postgres")).isEmpty()) {
            site.restartPostgres();
        }
        int again = confirmed.size();
        await().atMost(SOON).until(() -> upload(again).statusCode() / 100 == 2);
        confirmed.add(again);
        assertThat(site.books()
                        .sql("select original_name from intake_files where state = 'accepted' order by received_at")
                        .query(String.class)
                        .list())
                .containsAll(
                        confirmed.stream().map(DiskFullIntegrationTests::name).toList());
        site.invariantsHold();
    }

    @Test
    void a12_anInboxWithoutRoomKeepsItsFilesUntilTheyCanBeMoved() throws IOException {
        var small = SmallDisk.mount(site.inbox(), 1);
        assumeThat(small).isPresent();
        try (var inbox = small.orElseThrow()) {
            Path broken = inbox.directory().resolve("broken.835");
            Files.writeString(inbox.directory().resolve("broken.part"), "no remittance");
            inbox.fill();
            Files.setLastModifiedTime(
                    inbox.directory().resolve("broken.part"),
                    FileTime.from(Instant.now().minusSeconds(120)));
            Files.move(inbox.directory().resolve("broken.part"), broken);

            await().atMost(SOON).until(() -> state("broken.835").equals(List.of("rejected")));
            Processes.pause(Duration.ofSeconds(5));
            assertThat(site.application.isRunning()).isTrue();
            assertThat(TestClient.browser(site.application.port())
                            .get("/actuator/health/readiness")
                            .statusCode())
                    .isEqualTo(200);

            inbox.free();
            await().atMost(SOON).until(() -> !Files.exists(broken));
            try (var rejected = Files.list(inbox.directory().resolve("rejected"))) {
                assertThat(rejected.filter(file -> file.toString().endsWith(".reason.txt")))
                        .singleElement()
                        .satisfies(
                                reason -> assertThat(Files.readString(reason)).contains("broken.835"));
            }
            assertThat(state("broken.835")).containsExactly("rejected");
        }
    }

    private static HttpResponse<String> upload(int seed) {
        var clerk = site.as(Role.BILLING_CLERK);
        return clerk.send(clerk.request("/billing/remittances?name=" + name(seed))
                .header("Content-Type", "application/edi-x12")
                .timeout(Duration.ofMinutes(2))
                .POST(BodyPublishers.ofByteArray(
                        Era835Generator.of(seed, 3_000, 1).bytes())));
    }

    private static String name(int seed) {
        return "disk-%d.835".formatted(seed);
    }

    private static List<String> state(String name) {
        return site.books()
                .sql("select state from intake_files where original_name = :name")
                .param("name", name)
                .query(String.class)
                .list();
    }
}
