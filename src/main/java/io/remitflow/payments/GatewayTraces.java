package io.remitflow.payments;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import io.remitflow.ledger.ClearingReference;
import java.time.LocalDate;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** How the bank's statement shows money that waits in card clearing for it, where a gateway has told. */
@Service
public class GatewayTraces {

    private final JdbcClient jdbc;
    private final Organizations organizations;

    GatewayTraces(JdbcClient jdbc, Organizations organizations) {
        this.jdbc = jdbc;
        this.organizations = organizations;
    }

    /**
     * @param numbers besides the reference itself
     * @param party who stands on the statement; empty: unknown
     */
    public record Trace(Set<String> numbers, String party, LocalDate expectedOn) {}

    /** Payouts by trace number and day of arrival, transfers by the bank's own reference; others have no trace. */
    @Transactional(readOnly = true)
    public Map<ClearingReference, Trace> of(Collection<ClearingReference> references) {
        Map<ClearingReference, Trace> traces = new HashMap<>();
        String[] payouts = values(references, Set.of(PayoutMembers.PAYOUT, PayoutMembers.RETURN));
        if (payouts.length > 0) {
            jdbc.sql("""
                            select gateway_payout_id, gateway_provider, trace_number, arrives_on from payments_payouts
                             where org_id = :org and gateway_payout_id = any(:payouts)
                            """)
                    .param("org", CurrentOrganization.id().value())
                    .param("payouts", payouts)
                    .query(row -> {
                        var trace = new Trace(
                                numbers(row.getString("trace_number")),
                                row.getString("gateway_provider"),
                                row.getObject("arrives_on", LocalDate.class));
                        for (String kind : List.of(PayoutMembers.PAYOUT, PayoutMembers.RETURN)) {
                            traces.put(new ClearingReference(kind, row.getString("gateway_payout_id")), trace);
                        }
                    });
        }
        String[] transfers = values(references, Set.of("gateway-payment"));
        if (transfers.length > 0) {
            var zone = organizations.current().timeZone();
            jdbc.sql("""
                            select transfer_id, reference_code, recorded_at from payments_bank_transfers
                             where org_id = :org and transfer_id = any(:transfers)
                            """)
                    .param("org", CurrentOrganization.id().value())
                    .param("transfers", transfers)
                    .query(row -> {
                        traces.put(
                                new ClearingReference("gateway-payment", row.getString("transfer_id")),
                                new Trace(
                                        numbers(row.getString("reference_code")),
                                        "",
                                        LocalDate.ofInstant(
                                                row.getTimestamp("recorded_at").toInstant(), zone)));
                    });
        }
        return traces;
    }

    private static Set<String> numbers(@Nullable String number) {
        return number == null ? Set.of() : Set.of(number);
    }

    private static String[] values(Collection<ClearingReference> references, Set<String> kinds) {
        return references.stream()
                .filter(reference -> kinds.contains(reference.kind()))
                .map(ClearingReference::value)
                .distinct()
                .toArray(String[]::new);
    }
}
