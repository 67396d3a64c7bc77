package io.remitflow.claims.web;

import io.remitflow.claims.ClaimMdConnections;
import io.remitflow.claims.ClaimMdFeeds;
import io.remitflow.ui.OperationsPanel;
import java.util.List;
import org.springframework.stereotype.Component;

/** How the connection to Claim.MD goes, on the operations page. */
@Component
class ClaimMdOperations implements OperationsPanel {

    private final ClaimMdConnections connections;
    private final ClaimMdFeeds feeds;

    ClaimMdOperations(ClaimMdConnections connections, ClaimMdFeeds feeds) {
        this.connections = connections;
        this.feeds = feeds;
    }

    @Override
    public String fragment() {
        return "claims/operations :: panel";
    }

    @Override
    public Object model() {
        return new Panel(connections.connected(), feeds.states());
    }

    record Panel(boolean connected, List<ClaimMdFeeds.State> feeds) {}
}
