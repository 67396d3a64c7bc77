package io.remitflow.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** OpenSearch, from which Tasklist reads: one node in a JVM of its own. */
public final class LocalOpenSearch implements AutoCloseable {

    private final int port;
    private final ChildProcess process;

    LocalOpenSearch(Path directory, int port, int transportPort) {
        this.port = port;
        this.process = new ChildProcess(
                "opensearch",
                directory,
                () -> LocalJava.run(
                        OpenSearchNode.class,
                        OpenSearchNode.classPath(),
                        List.of("-Xms384m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                        List.of(
                                directory.resolve("opensearch").toString(),
                                String.valueOf(port),
                                String.valueOf(transportPort))),
                () -> LocalHttp.answers(url() + "/_cluster/health?wait_for_status=yellow&timeout=1s"));
    }

    void start() {
        process.start();
    }

    void awaitHealthy() {
        process.awaitHealthy(Duration.ofMinutes(5));
    }

    ChildProcess process() {
        return process;
    }

    public String url() {
        return "http://127.0.0.1:" + port;
    }

    @Override
    public void close() {
        process.close();
    }
}
