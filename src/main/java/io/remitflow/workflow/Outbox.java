package io.remitflow.workflow;

import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Rows of {@code workflow_outbox}: written with the business change, taken under a lease, marked when the engine has them. */
@Component
class Outbox {

    private final JdbcClient jdbc;
    private final Json json;
    private final ApplicationEventPublisher events;

    Outbox(JdbcClient jdbc, Json json, ApplicationEventPublisher events) {
        this.jdbc = jdbc;
        this.json = json;
        this.events = events;
    }

    /** Something waits; heard after commit. */
    record Added(OrganizationId organization) {}

    void addMessage(String name, String correlationKey, Map<String, ?> variables) {
        var withOrganization = new LinkedHashMap<String, Object>(variables);
        withOrganization.put("orgId", CurrentOrganization.id().toString());
        jdbc.sql("""
                        insert into workflow_outbox (org_id, id, kind, message_name, correlation_key, variables)
                        values (:org, :id, 'message', :name, :correlationKey, :variables::jsonb)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("name", name)
                .param("correlationKey", correlationKey)
                .param("variables", json.write(withOrganization))
                .update();
        events.publishEvent(new Added(CurrentOrganization.id()));
    }

    void addTaskCompletion(long taskKey, String signInName, Map<String, ?> variables) {
        jdbc.sql("""
                        insert into workflow_outbox (org_id, id, kind, task_key, sign_in_name, variables)
                        values (:org, :id, 'task-completion', :taskKey, :signInName, :variables::jsonb)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("taskKey", taskKey)
                .param("signInName", signInName)
                .param("variables", json.write(variables))
                .update();
        events.publishEvent(new Added(CurrentOrganization.id()));
    }
}
