package io.remitflow.local;

/**
 * A stand-in for an outside partner: it speaks the partner's protocol on a loopback port, for tests and for the local
 * run.
 */
public interface LocalPartner extends AutoCloseable {

    /** What people read while it starts. */
    String name();

    /** Where it listens in the local run. */
    default int port(LocalPorts ports) {
        return ports.partners();
    }

    void start(int port);

    @Override
    void close();
}
