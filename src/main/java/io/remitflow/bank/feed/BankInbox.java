package io.remitflow.bank.feed;

import io.remitflow.bank.BankStatements;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import io.remitflow.intake.InboxFile;
import io.remitflow.intake.IntakeFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.springframework.stereotype.Component;

/** What the route {@code bank-inbox} calls with each file it finds. */
@Component("bankInbox")
public class BankInbox {

    private final BankStatements statements;
    private final Organizations organizations;

    BankInbox(BankStatements statements, Organizations organizations) {
        this.statements = statements;
        this.organizations = organizations;
    }

    public void receive(Exchange exchange) {
        var file = InboxFile.of(exchange);
        organizations
                .byCode(file.organizationCode())
                .ifPresentOrElse(
                        organization -> CurrentOrganization.run(organization.id(), () -> receive(file)),
                        () -> file.reject("No organization has the code of this directory"));
    }

    private void receive(InboxFile file) {
        try (InputStream bytes = file.open()) {
            IntakeFile known =
                    statements.receive("bank-inbox", file.name(), bytes, null).file();
            if (known.state() == IntakeFile.State.REJECTED || known.state() == IntakeFile.State.PARKED) {
                file.reject(known.id(), Objects.requireNonNullElse(known.reason(), "The file cannot be read"));
            } else {
                file.archive(known.id());
            }
        } catch (RuleViolation e) {
            file.reject(Objects.requireNonNullElse(e.getMessage(), e.code()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
