package io.remitflow.checks;

import org.springframework.stereotype.Component;

/** Reads nothing: people enter every check. */
@Component
class ManualReader implements CheckReader {

    @Override
    public String name() {
        return "manual";
    }

    @Override
    public CheckReading read(PacketContent packet) {
        return CheckReading.nothing(name(), "Checks are entered by hand here");
    }
}
