package io.remitflow.checks;

import io.remitflow.checks.PacketPdf.DrawnCheck;
import io.remitflow.checks.PacketPdf.DrawnLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The packets in {@code samples/checks}; running it draws them anew. */
public final class SamplePackets {

    public static final Path DIRECTORY = Path.of("samples", "checks");

    private static final String US = "Mercy General Hospital";
    private static final LocalDate WRITTEN = LocalDate.of(2026, 11, 17);
    private static final LocalDate WEEK_44 = LocalDate.of(2026, 10, 31);
    private static final LocalDate WEEK_45 = LocalDate.of(2026, 11, 7);
    private static final LocalDate WEEK_46 = LocalDate.of(2026, 11, 14);

    private SamplePackets() {}

    public static void main(String[] arguments) throws IOException {
        Files.createDirectories(DIRECTORY);
        for (var packet : all().entrySet()) {
            Files.write(DIRECTORY.resolve(packet.getKey()), packet.getValue());
        }
    }

    static Map<String, byte[]> all() {
        Map<String, byte[]> packets = new LinkedHashMap<>();
        packets.put("01-two-checks.pdf", twoChecks().digital());
        packets.put("02-scan.pdf", maplewood().scanned());
        packets.put("03-doubtful.pdf", doubtful().digital());
        packets.put("04-encrypted.pdf", maplewood().encrypted());
        return packets;
    }

    private static PacketPdf twoChecks() {
        return PacketPdf.from("New Premier Management LLC")
                .to(US)
                .check(
                        "1211",
                        WRITTEN,
                        "The Enclave at Port Chester",
                        "1,240.00",
                        "One thousand two hundred forty and 00/100",
                        new DrawnLine("W-88121", WEEK_45, "1,240.00"))
                .check(
                        "1212",
                        WRITTEN,
                        "New Premier Management LLC",
                        "1,500.00",
                        "One thousand five hundred and 00/100",
                        new DrawnLine("W-88133", WEEK_45, "860.00"),
                        new DrawnLine("W-88140", WEEK_44, "640.00"));
    }

    private static PacketPdf maplewood() {
        return PacketPdf.from("Maplewood Gardens")
                .to(US)
                .check(
                        "5003",
                        WRITTEN,
                        "Maplewood Gardens",
                        "640.00",
                        "Six hundred forty and 00/100",
                        new DrawnLine("W-88152", WEEK_46, "640.00"));
    }

    private static PacketPdf doubtful() {
        return PacketPdf.from("The Enclave at Port Chester")
                .to(US)
                .check(new DrawnCheck(
                        "1230",
                        WRITTEN,
                        "The Enclave at Port Chester",
                        "1,310.50",
                        "One thousand three hundred one and 50/100",
                        "Paid in full, week 46",
                        false,
                        List.of(new DrawnLine("W-88160", WEEK_46, "1,310.50"))));
    }
}
