package io.remitflow.checks;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.local.BooksTest;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;

/** A mail room on a Monday: memory does not grow with the number of packets. */
@BooksTest
class ManyPacketsIntegrationTests {

    private static final int PACKETS = 500;
    private static final long ROOM = 64L * 1024 * 1024;

    @Autowired
    ApplicationContext context;

    @Test
    @Tag("chaos")
    void fiveHundredPacketsInARowDoNotFillTheMemory() {
        var books = new CheckBooks(context);
        long early = 0;
        for (int i = 0; i < PACKETS; i++) {
            receive(books, i);
            if (i == 50) {
                early = used();
            }
        }

        assertThat(used() - early).as("bytes kept after 450 more packets").isLessThan(ROOM);
        List<CheckTotal> totals = books.as(() -> books.bean(Checks.class).totals());
        assertThat(totals).extracting(CheckTotal::checks).containsExactly((long) PACKETS);
    }

    private static void receive(CheckBooks books, int number) {
        var packet = books.packet("1" + number, "The Enclave", "100.00", "One hundred and 00/100");
        byte[] bytes = number % 10 == 0 ? packet.scanned() : packet.digital();
        var received = books.receive(bytes);
        var id = Objects.requireNonNull(received.packetId());
        books.run(() -> {
            books.bean(CheckPackets.class).read(id);
            assertThat(books.bean(CheckPackets.class).page(id, 1)).isNotEmpty();
        });
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
