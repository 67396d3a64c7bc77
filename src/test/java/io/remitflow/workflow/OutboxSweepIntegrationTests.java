package io.remitflow.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestHospital;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** With an engine that is away, messages stay in the outbox. */
@BooksTest
class OutboxSweepIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    Organizations organizations;

    @Autowired
    ProcessMessages messages;

    @Autowired
    TransactionTemplate transactions;

    @Autowired
    JdbcClient jdbc;

    @Test
    void theSweepFindsWhoseMessagesWaitInOneStatement() {
        var waiting = TestHospital.create(context);
        var idle = TestHospital.create(context);
        String id = UUID.randomUUID().toString();
        waiting.run(() -> transactions.executeWithoutResult(
                transaction -> messages.publish("workflow.test-requested", id, Map.of("testId", id))));

        var found = organizations.having(Outbox.DUE).stream()
                .map(Organization::code)
                .toList();

        assertThat(found).contains(waiting.code()).doesNotContain(idle.code());
    }

    @Test
    void theTransactionStaysInTheNameOfItsOrganization() {
        var waiting = TestHospital.create(context);
        var asking = TestHospital.create(context);
        String id = UUID.randomUUID().toString();
        waiting.run(() -> transactions.executeWithoutResult(
                transaction -> messages.publish("workflow.test-requested", id, Map.of("testId", id))));

        long seen = asking.call(() -> transactions.execute(transaction -> {
            organizations.having(Outbox.DUE);
            return jdbc.sql("select count(*) from workflow_outbox where org_id <> :own")
                    .param("own", CurrentOrganization.id().value())
                    .query(Long.class)
                    .single();
        }));

        assertThat(seen).isZero();
    }
}
