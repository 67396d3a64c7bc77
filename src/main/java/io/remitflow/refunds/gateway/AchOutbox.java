package io.remitflow.refunds.gateway;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import io.remitflow.refunds.AchBatch;
import io.remitflow.refunds.AchBatches;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * What the route {@code ach-outbox} calls: each released file goes to the bank's directory once.
 *
 * <p>The intent is committed before the file is written. If writing is interrupted, only a look into the directory tells
 * whether the bank has the file: it is not written again by itself.
 */
@Component("achOutbox")
public class AchOutbox {

    private static final Logger log = LoggerFactory.getLogger(AchOutbox.class);
    private static final int FILES_AT_ONCE = 20;

    private final Organizations organizations;
    private final AchBatches batches;
    private final ProducerTemplate producer;
    private final String target;

    AchOutbox(
            Organizations organizations,
            AchBatches batches,
            ProducerTemplate producer,
            @Value("${remitflow.outbox.ach-uri}") String target) {
        this.organizations = organizations;
        this.batches = batches;
        this.producer = producer;
        this.target = target;
    }

    public void sendAll() {
        organizations
                .all()
                .forEach(organization -> CurrentOrganization.run(organization.id(), () -> send(organization)));
    }

    private void send(Organization organization) {
        for (int i = 0; i < FILES_AT_ONCE; i++) {
            Optional<AchBatch> batch = batches.takeToSend();
            if (batch.isEmpty()) {
                return;
            }
            write(organization, batch.get());
        }
    }

    private void write(Organization organization, AchBatch batch) {
        try {
            producer.sendBodyAndHeader(
                    target,
                    batches.content(batch.id()),
                    Exchange.FILE_NAME,
                    "%s/ach/%s".formatted(organization.code(), batch.fileName()));
        } catch (RuntimeException e) {
            log.error("whether {} of {} reached the bank is unknown", batch.fileName(), organization.code(), e);
            return;
        }
        batches.sent(batch.id());
        log.info("{} of {} was written for the bank", batch.fileName(), organization.code());
    }
}
