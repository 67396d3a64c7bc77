package io.remitflow.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/** Loopback ports: which are free, which are taken. */
public final class Ports {

    /** Nothing listens here: what the engine's address is for tests that do without it. */
    public static final int CLOSED = 1;

    private static final int LOWEST = 12_000;
    private static final int ABOVE = 32_000;
    private static final int ATTEMPTS = 1_000;
    private static final Set<Integer> GIVEN = new HashSet<>();

    private Ports() {}

    public static int free() {
        return free(1).getFirst();
    }

    /**
     * Different ports, each free at the moment and not given out before. They lie below those that the operating system gives
     * to whoever asks for any: nobody else gets one of them before it is used.
     */
    public static synchronized List<Integer> free(int count) {
        var ports = new ArrayList<Integer>();
        for (int attempt = 0; attempt < ATTEMPTS && ports.size() < count; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, ABOVE);
            if (!GIVEN.contains(port) && isFree(port)) {
                GIVEN.add(port);
                ports.add(port);
            }
        }
        if (ports.size() < count) {
            throw new IllegalStateException("no free port on the loopback interface");
        }
        return ports;
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException taken) {
            return false;
        }
    }

    public static boolean isTaken(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            return true;
        } catch (IOException nothingListens) {
            return false;
        }
    }
}
