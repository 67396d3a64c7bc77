package io.remitflow.payments;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Asks gateways for what they have not told about, one organization after the other; one that fails stops no other. */
@Component
class GatewayQuestionSchedule {

    private static final Logger log = LoggerFactory.getLogger(GatewayQuestionSchedule.class);

    private final GatewayQuestions questions;
    private final Organizations organizations;
    private final GatewaySettings settings;

    GatewayQuestionSchedule(GatewayQuestions questions, Organizations organizations, GatewaySettings settings) {
        this.questions = questions;
        this.organizations = organizations;
        this.settings = settings;
    }

    @Scheduled(initialDelayString = "60s", fixedDelayString = "${remitflow.payments.question-every:60s}")
    void ask() {
        for (Organization organization : organizations.all()) {
            try {
                int settled =
                        CurrentOrganization.call(organization.id(), () -> questions.askAll(settings.unknownAfter()));
                if (settled > 0) {
                    log.info("Gateways told of {} open items of organization {}", settled, organization.code());
                }
            } catch (RuntimeException e) {
                log.warn("Gateways of organization {} were not asked", organization.code(), e);
            }
        }
    }
}
