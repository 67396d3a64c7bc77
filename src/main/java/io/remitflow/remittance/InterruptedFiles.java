package io.remitflow.remittance;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import io.remitflow.intake.IntakeFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Goes on with files that were stored, but whose processing was cut off. One organization's trouble stops no other. */
@Component
class InterruptedFiles {

    private static final Logger log = LoggerFactory.getLogger(InterruptedFiles.class);

    private final Organizations organizations;
    private final Remittances remittances;

    InterruptedFiles(Organizations organizations, Remittances remittances) {
        this.organizations = organizations;
        this.remittances = remittances;
    }

    @Scheduled(fixedDelayString = "${remitflow.remittance.resume-every:60s}", initialDelayString = "5s")
    void resume() {
        for (Organization organization : organizations.having(IntakeFiles.UNDECIDED)) {
            try {
                CurrentOrganization.run(organization.id(), remittances::resumeInterrupted);
            } catch (RuntimeException e) {
                log.warn("Interrupted remittance files of {} could not be resumed", organization.code(), e);
            }
        }
    }
}
