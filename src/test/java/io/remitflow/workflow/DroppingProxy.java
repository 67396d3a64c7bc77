package io.remitflow.workflow;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** Passes everything on, except that it can swallow the next answers and hang up instead. */
final class DroppingProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final int target;
    private final AtomicInteger answersToDrop = new AtomicInteger();
    private final AtomicInteger dropped = new AtomicInteger();

    DroppingProxy(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("dropping-proxy").start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** From now on, what the server says next after hearing something is lost, this many times. */
    void dropNextAnswers(int count) {
        answersToDrop.set(count);
    }

    int dropped() {
        return dropped.get();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                var client = listener.accept();
                var server = new Socket(InetAddress.getLoopbackAddress(), target);
                var heard = new AtomicInteger();
                Thread.ofPlatform().daemon().start(() -> pass(client, server, heard, false));
                Thread.ofPlatform().daemon().start(() -> pass(server, client, heard, true));
            } catch (IOException e) {
                // closed, or the server is away: the client sees a closed connection
            }
        }
    }

    private void pass(Socket from, Socket to, AtomicInteger heard, boolean answers) {
        byte[] buffer = new byte[64 * 1024];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                if (!answers && length > 100) {
                    heard.incrementAndGet();
                }
                if (answers && heard.get() > 0 && answersToDrop.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    dropped.incrementAndGet();
                    return;
                }
                out.write(buffer, 0, length);
                out.flush();
            }
        } catch (IOException e) {
            // hung up
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
