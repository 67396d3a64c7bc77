package io.remitflow.local;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which service listens where; all on the loopback interface. */
public record LocalPorts(
        int application,
        int postgres,
        int openSearch,
        int openSearchTransport,
        int brokerRest,
        int brokerGrpc,
        int brokerCommand,
        int brokerInternal,
        int brokerManagement,
        int tasklist,
        int tasklistManagement,
        int tasklistCluster,
        int partners) {

    /** The ports of the local run, as the documentation names them. */
    public static LocalPorts fixed() {
        return new LocalPorts(8080, 5433, 9200, 9300, 8088, 26500, 26501, 26502, 9600, 8082, 9601, 26503, 8090);
    }

    /** Ports nobody uses at the moment. */
    public static LocalPorts free() {
        List<Integer> free = Ports.free(13);
        return new LocalPorts(
                free.get(0),
                free.get(1),
                free.get(2),
                free.get(3),
                free.get(4),
                free.get(5),
                free.get(6),
                free.get(7),
                free.get(8),
                free.get(9),
                free.get(10),
                free.get(11),
                free.get(12));
    }

    /** @throws IllegalStateException naming each port that another program uses, and what it is for */
    void requireFree() {
        var uses = new LinkedHashMap<Integer, String>();
        uses.put(application, "Remitflow");
        uses.put(postgres, "PostgreSQL");
        uses.put(openSearch, "OpenSearch");
        uses.put(openSearchTransport, "OpenSearch's transport");
        uses.put(brokerRest, "Camunda's REST API");
        uses.put(brokerGrpc, "Camunda's gRPC API");
        uses.put(brokerCommand, "the broker's command API");
        uses.put(brokerInternal, "the broker's internal API");
        uses.put(brokerManagement, "the broker's health");
        uses.put(tasklist, "Tasklist");
        uses.put(tasklistManagement, "Tasklist's health");
        uses.put(tasklistCluster, "Tasklist's cluster client");
        LocalPartners.all().forEach(partner -> uses.put(partner.port(this), partner.name()));
        var taken = new ArrayList<String>();
        for (Map.Entry<Integer, String> use : uses.entrySet()) {
            if (Ports.isTaken(use.getKey())) {
                taken.add("port %d, needed for %s".formatted(use.getKey(), use.getValue()));
            }
        }
        if (!taken.isEmpty()) {
            throw new IllegalStateException("Another program listens on " + String.join(" and on ", taken)
                    + ". Stop it (is Remitflow running already?) and start again.");
        }
    }
}
