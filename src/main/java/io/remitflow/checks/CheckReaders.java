package io.remitflow.checks;

import java.util.List;
import java.util.stream.Collectors;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** The reader that the setting names. */
@Component
class CheckReaders {

    private final CheckReader reader;

    CheckReaders(List<CheckReader> known, @Value("${remitflow.checks.reader:text-layer}") String name) {
        this.reader = known.stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("remitflow.checks.reader is '%s', but must be one of %s"
                        .formatted(name, known.stream().map(CheckReader::name).collect(Collectors.joining(", ")))));
    }

    CheckReading read(PacketContent packet) {
        return reader.read(packet);
    }
}
