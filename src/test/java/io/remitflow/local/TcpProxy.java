package io.remitflow.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bad network between the application and a server: requests arrive, answers can get lost, connections can be cut.
 */
public final class TcpProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicLong lostBytes = new AtomicLong();
    private volatile boolean losingAnswers;
    private volatile boolean losingRequests;
    private volatile boolean refusing;
    private volatile long delayMs;

    private TcpProxy(ServerSocket listener, int target) {
        this.listener = listener;
        this.target = target;
    }

    /** Listens on a free loopback port and passes everything on to the target port. */
    public static TcpProxy to(int target) {
        try {
            var proxy = new TcpProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target);
            Thread.ofVirtual().name("proxy-" + proxy.port()).start(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException("the proxy cannot listen", e);
        }
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** From now on the server hears us, but we do not hear the server. */
    public void loseAnswers() {
        losingAnswers = true;
    }

    /** From now on we hear the server, but it does not hear us. */
    public void loseRequests() {
        losingRequests = true;
    }

    /** From now on no connection is accepted, and open ones are cut. */
    public void cut() {
        refusing = true;
        closeConnections();
    }

    /** Each piece of an answer is held back for this long. */
    public void delayAnswers(long milliseconds) {
        delayMs = milliseconds;
    }

    /** Passes everything on again; connections that lost bytes are cut, as they cannot be continued. */
    public void heal() {
        boolean broken = losingAnswers || losingRequests;
        losingAnswers = false;
        losingRequests = false;
        refusing = false;
        delayMs = 0;
        if (broken) {
            closeConnections();
        }
    }

    /** How much got lost: proof that the fault happened. */
    public long lostBytes() {
        return lostBytes.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                if (refusing) {
                    client.close();
                    continue;
                }
                connect(client);
            } catch (IOException closedOrTargetDown) {
                // The client sees a closed connection, as it would in a real network.
            }
        }
    }

    private void connect(Socket client) throws IOException {
        Socket server;
        try {
            server = new Socket(InetAddress.getLoopbackAddress(), target);
        } catch (IOException e) {
            client.close();
            throw e;
        }
        sockets.add(client);
        sockets.add(server);
        Thread.ofVirtual().start(() -> pass(client, server, false));
        Thread.ofVirtual().start(() -> pass(server, client, true));
    }

    private void pass(Socket from, Socket to, boolean answers) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[16_384];
            int read = in.read(buffer);
            while (read >= 0) {
                if (answers ? losingAnswers : losingRequests) {
                    lostBytes.addAndGet(read);
                } else {
                    if (answers && delayMs > 0) {
                        Thread.sleep(delayMs);
                    }
                    out.write(buffer, 0, read);
                    out.flush();
                }
                read = in.read(buffer);
            }
        } catch (IOException cut) {
            // Either side closed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private void closeConnections() {
        for (Socket socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        closeConnections();
    }
}
