package io.remitflow.payments;

import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.payments.CardGateway.GatewayOutcomeUnknown;
import io.remitflow.payments.CardGateway.GatewayUnavailable;
import io.remitflow.payments.UnsettledAtGateway.Unsettled;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Asks gateways what became of that which they have not told about for too long. Nothing stays unknown because a report or
 * an answer was lost.
 *
 * <p>Whoever moves the time of the last question on may ask, so several schedulers never ask the same at the same time;
 * and if they did, the answer would still be applied once.
 */
@Service
public class GatewayQuestions {

    private static final Logger log = LoggerFactory.getLogger(GatewayQuestions.class);
    private static final int AT_ONCE = 100;

    private final ObjectProvider<UnsettledAtGateway> sources;
    private final JdbcClient jdbc;
    private final GatewaySettings settings;
    private final AuditLog audit;
    private final TransactionTemplate transactions;
    private final Clock clock;

    GatewayQuestions(
            ObjectProvider<UnsettledAtGateway> sources,
            JdbcClient jdbc,
            GatewaySettings settings,
            AuditLog audit,
            TransactionTemplate transactions,
            Clock clock) {
        this.sources = sources;
        this.jdbc = jdbc;
        this.settings = settings;
        this.audit = audit;
        this.transactions = transactions;
        this.clock = clock;
    }

    /**
     * Something that is unknown, and how often it was asked for.
     *
     * @param answer what came of the last question, in a word
     */
    public record Open(
            String kind,
            Unsettled what,
            int times,
            @Nullable Instant askedAt,
            @Nullable String answer) {}

    /** What is without news for too long in the current organization, oldest first. */
    public List<Open> open() {
        return sources.stream()
                .flatMap(source -> {
                    Map<UUID, Asked> asked = asked(source.kind());
                    return source.unsettled(clock.instant().minus(settings.unknownAfter()), AT_ONCE).stream()
                            .map(what -> open(source.kind(), what, asked.get(what.id())));
                })
                .sorted(Comparator.comparing(open -> open.what().since()))
                .toList();
    }

    /**
     * Asks for one of them at once, however long ago it was asked for.
     *
     * @return whether it is settled now
     */
    public boolean askNow(String kind, UUID id) {
        boolean settled = ask(source(kind), id, Duration.ZERO);
        transactions.executeWithoutResult(
                status -> audit.record("gateway-asked", kind, id.toString(), Map.of("settled", settled)));
        return settled;
    }

    /** @return how many were settled by it */
    int askAll(Duration patience) {
        int settled = 0;
        for (UnsettledAtGateway source : sources) {
            for (Unsettled what : source.unsettled(clock.instant().minus(patience), AT_ONCE)) {
                if (ask(source, what.id(), patience)) {
                    settled++;
                }
            }
        }
        return settled;
    }

    private boolean ask(UnsettledAtGateway source, UUID id, Duration patience) {
        if (!claim(source.kind(), id, patience)) {
            return false;
        }
        boolean settled = false;
        String answer = "failed";
        try {
            settled = source.ask(id);
            answer = settled ? "settled" : "nothing new";
            return settled;
        } catch (GatewayUnavailable | GatewayOutcomeUnknown e) {
            log.warn("The gateway could not be asked for {} {}: {}", source.kind(), id, e.getMessage());
            answer = "no answer";
            return false;
        } catch (RuleViolation nothingToAsk) {
            settled = true;
            throw nothingToAsk;
        } finally {
            note(source.kind(), id, settled, answer);
        }
    }

    private boolean claim(String kind, UUID id, Duration patience) {
        Instant now = clock.instant();
        return Boolean.TRUE.equals(transactions.execute(status -> jdbc.sql("""
                                insert into payments_gateway_questions (org_id, kind, subject_id, times, asked_at)
                                values (:org, :kind, :id, 1, :now)
                                on conflict (org_id, kind, subject_id) do update
                                    set times = payments_gateway_questions.times + 1, asked_at = excluded.asked_at
                                    where payments_gateway_questions.asked_at <= :before
                                """)
                        .param("org", CurrentOrganization.id().value())
                        .param("kind", kind)
                        .param("id", id)
                        .param("now", Timestamp.from(now))
                        .param("before", Timestamp.from(now.minus(patience)))
                        .update()
                == 1));
    }

    private void note(String kind, UUID id, boolean settled, String answer) {
        transactions.executeWithoutResult(status -> jdbc.sql("""
                        with answered as (
                            update payments_gateway_questions set answer = :answer
                             where kind = :kind and subject_id = :id and not :settled)
                        delete from payments_gateway_questions where kind = :kind and subject_id = :id and :settled
                        """)
                .param("kind", kind)
                .param("id", id)
                .param("settled", settled)
                .param("answer", answer)
                .update());
    }

    private record Asked(
            UUID id, int times, Timestamp askedAt, @Nullable String answer) {}

    private Map<UUID, Asked> asked(String kind) {
        Map<UUID, Asked> asked = new HashMap<>();
        List<Asked> rows = transactions.execute(
                status -> jdbc.sql("""
                        select subject_id as id, times, asked_at, answer from payments_gateway_questions
                         where kind = :kind
                        """).param("kind", kind).query(Asked.class).list());
        if (rows != null) {
            rows.forEach(row -> asked.put(row.id(), row));
        }
        return asked;
    }

    private static Open open(String kind, Unsettled what, @Nullable Asked asked) {
        return asked == null
                ? new Open(kind, what, 0, null, null)
                : new Open(kind, what, asked.times(), asked.askedAt().toInstant(), asked.answer());
    }

    private UnsettledAtGateway source(String kind) {
        return sources.stream()
                .filter(source -> source.kind().equals(kind))
                .findFirst()
                .orElseThrow(() -> RuleViolation.notFound("the question"));
    }
}
