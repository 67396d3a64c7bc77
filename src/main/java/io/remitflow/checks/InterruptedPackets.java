package io.remitflow.checks;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import io.remitflow.intake.IntakeFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Goes on with scans that were stored, but not looked at. One organization's trouble stops no other. */
@Component
class InterruptedPackets {

    private static final Logger log = LoggerFactory.getLogger(InterruptedPackets.class);

    private static final String WORK = IntakeFiles.UNDECIDED
            + " union all select 1 from check_mails where state = 'accepted' and delivered_at is null";

    private final Organizations organizations;
    private final CheckPackets packets;
    private final CheckMails mails;

    InterruptedPackets(Organizations organizations, CheckPackets packets, CheckMails mails) {
        this.organizations = organizations;
        this.packets = packets;
        this.mails = mails;
    }

    @Scheduled(fixedDelayString = "${remitflow.checks.resume-every:60s}", initialDelayString = "7s")
    void resume() {
        for (Organization organization : organizations.having(WORK)) {
            try {
                CurrentOrganization.run(organization.id(), () -> {
                    packets.resumeInterrupted();
                    mails.resumeInterrupted();
                });
            } catch (RuntimeException e) {
                log.warn("Interrupted check packets of {} could not be resumed", organization.code(), e);
            }
        }
    }
}
