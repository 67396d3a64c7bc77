package io.remitflow.checks.feed;

import io.remitflow.checks.CheckPackets;
import io.remitflow.checks.ReceivedPacket;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Organizations;
import io.remitflow.intake.InboxFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.springframework.stereotype.Component;

/** What the route {@code check-inbox} calls with each file it finds. */
@Component("checkInbox")
public class CheckInbox {

    private final CheckPackets packets;
    private final Organizations organizations;

    CheckInbox(CheckPackets packets, Organizations organizations) {
        this.packets = packets;
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
            ReceivedPacket received = packets.receive("check-inbox", file.name(), bytes);
            if (received.packetId() == null) {
                file.reject(
                        received.file().id(),
                        Objects.requireNonNullElse(received.file().reason(), "The file cannot be read"));
            } else {
                file.archive(received.file().id());
            }
        } catch (RuleViolation e) {
            file.reject(Objects.requireNonNullElse(e.getMessage(), e.code()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
