package io.remitflow.payments;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;

/** Something of which a gateway has not said yet what became of it; {@link GatewayQuestions} asks for it. */
public interface UnsettledAtGateway {

    /** One word, such as {@code refund}; it stands in addresses. */
    String kind();

    /** Oldest first; those without news since before that time. */
    List<Unsettled> unsettled(Instant before, int limit);

    /**
     * Asks the gateway and applies its answer as its own report would be. Repeating it is safe, at the same time too.
     *
     * @return whether it is settled now
     */
    boolean ask(UUID id);

    /**
     * @param status what is known, such as {@code processing}
     * @param since the last news
     * @param page where people look at it
     */
    record Unsettled(
            UUID id, String number, String provider, String status, Money amount, Instant since, String page) {}
}
