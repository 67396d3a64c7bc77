package io.remitflow.checks;

/** Reads the checks in a packet. Which one is used is the setting {@code remitflow.checks.reader}. */
public interface CheckReader {

    /** As in the setting. */
    String name();

    /**
     * Called outside of any transaction: it may take a minute.
     *
     * @return nothing found, if it is the packet that cannot be read
     * @throws RuntimeException if it may work later
     */
    CheckReading read(PacketContent packet);
}
