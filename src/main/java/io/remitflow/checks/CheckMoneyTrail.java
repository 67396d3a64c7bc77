package io.remitflow.checks;

import io.remitflow.core.Amounts;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Permission;
import io.remitflow.ledger.MoneyMatches;
import io.remitflow.ledger.MoneyNode;
import io.remitflow.ledger.MoneySearch;
import io.remitflow.ledger.MoneyStage;
import io.remitflow.ledger.MoneyState;
import io.remitflow.ledger.MoneyTrail;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Scanned checks on the way of money, and the packets with the pages they stand on. Who wrote a check is left out. */
@Component
class CheckMoneyTrail implements MoneyTrail {

    private final JdbcClient jdbc;

    CheckMoneyTrail(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public Permission permission() {
        return Permission.CHECKS_VIEW;
    }

    @Override
    public MoneyMatches find(MoneySearch search, int limit) {
        return search.among(jdbc, """
                select id from check_payments where org_id = :org and (number in (:text, :upper) or check_number = :text)
                union
                select id from check_payments where org_id = :org and amount = :amount and currency = :currency
                union
                select id from check_packets where org_id = :org and packet_number in (:text, :upper)
                """, limit);
    }

    @Override
    public List<MoneyNode> nodes(Collection<UUID> ids) {
        var nodes = new ArrayList<MoneyNode>(checks(ids));
        nodes.addAll(packets(ids));
        return nodes;
    }

    /** They hang on their entry; a check that was recognized as another one leads to that one. */
    private List<MoneyNode> checks(Collection<UUID> ids) {
        return jdbc.sql("""
                        select c.*, p.packet_number from check_payments c
                        join check_packets p on p.org_id = c.org_id and p.id = c.packet_id
                        where c.org_id = :org and (c.id = any(:ids) or c.journal_entry_id = any(:ids))
                        order by c.id
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("ids", ids.toArray(UUID[]::new))
                .query((row, number) -> {
                    UUID id = row.getObject("id", UUID.class);
                    Long amount = row.getObject("amount", Long.class);
                    int first = row.getInt("first_page");
                    int last = row.getInt("last_page");
                    String status = row.getString("status");
                    var next = new ArrayList<UUID>();
                    next.add(row.getObject("packet_id", UUID.class));
                    for (String column : List.of("journal_entry_id", "merged_into")) {
                        UUID other = row.getObject(column, UUID.class);
                        if (other != null) {
                            next.add(other);
                        }
                    }
                    return new MoneyNode(
                            id,
                            "check",
                            MoneyStage.DOCUMENT,
                            "Check %s"
                                    .formatted(Objects.requireNonNullElse(
                                            row.getString("check_number"), "without number")),
                            amount == null ? null : Amounts.ofMinor(amount, row.getString("currency")),
                            row.getObject("check_date", LocalDate.class),
                            switch (status) {
                                case "confirmed" -> MoneyState.SETTLED;
                                case "needs_review" -> MoneyState.WAITING;
                                default -> MoneyState.UNDONE;
                            },
                            "%s, %s, %s of packet %s"
                                    .formatted(
                                            row.getString("number"),
                                            status.replace('_', ' '),
                                            first == last ? "page " + first : "pages %d to %d".formatted(first, last),
                                            row.getString("packet_number")),
                            "/app/checks/" + id,
                            next);
                })
                .list();
    }

    private List<MoneyNode> packets(Collection<UUID> ids) {
        return jdbc.sql("""
                        select p.id, p.packet_number, p.page_count, p.state, f.original_name, f.source, f.received_at::date as day
                        from check_packets p
                        join intake_files f on f.org_id = p.org_id and f.id = p.file_id
                        where p.org_id = :org and p.id = any(:ids) order by p.id
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("ids", ids.toArray(UUID[]::new))
                .query((row, number) -> new MoneyNode(
                        row.getObject("id", UUID.class),
                        "check-packet",
                        MoneyStage.FILE,
                        "Packet " + row.getString("packet_number"),
                        null,
                        row.getObject("day", LocalDate.class),
                        row.getString("state").equals("staged") ? MoneyState.SETTLED : MoneyState.WAITING,
                        "%s with %d pages from %s"
                                .formatted(
                                        row.getString("original_name"),
                                        row.getInt("page_count"),
                                        row.getString("source")),
                        "/app/checks/packets/" + row.getObject("id", UUID.class),
                        List.of()))
                .list();
    }
}
