package io.remitflow.bank;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organization;
import io.remitflow.identity.Organizations;
import io.remitflow.intake.IntakeFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Goes on with files and bookings that were cut off, and looks again for what could explain lines in suspense: a remittance
 * may have come since. One organization's trouble stops no other.
 */
@Component
class InterruptedBankFiles {

    private static final Logger log = LoggerFactory.getLogger(InterruptedBankFiles.class);

    static final String WORK = IntakeFiles.UNDECIDED + """
             union all select 1 from accounting_bank_unbooked_lines
            union all select 1 from accounting_clearing_references where reference_kind = 'bank-line' and balance <> 0
            """;

    private final Organizations organizations;
    private final BankStatements statements;

    InterruptedBankFiles(Organizations organizations, BankStatements statements) {
        this.organizations = organizations;
        this.statements = statements;
    }

    @Scheduled(fixedDelayString = "${remitflow.bank.resume-every:60s}", initialDelayString = "10s")
    void resume() {
        for (Organization organization : organizations.having(WORK)) {
            try {
                CurrentOrganization.run(organization.id(), statements::resumeInterrupted);
            } catch (RuntimeException e) {
                log.warn("Interrupted bank files of {} could not be resumed", organization.code(), e);
            }
        }
    }
}
