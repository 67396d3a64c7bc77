package io.remitflow.intake;

import io.remitflow.identity.Organization;
import io.remitflow.identity.OrganizationCreated;
import io.remitflow.identity.OrganizationId;
import io.remitflow.identity.Organizations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * The local directories into which partners or people put files: {@code <inbox>/<organization code>/<kind>}. Where a kind is
 * read from a directory of its own, that one has the same structure; what a server has is not here.
 */
@Component
public class InboxDirectories {

    private static final String ERA = "era";
    private static final String ACH_RETURNS = "ach-returns";
    private static final String BANK = "bank";
    private static final String CHECKS = "checks";

    private static final Logger log = LoggerFactory.getLogger(InboxDirectories.class);
    private static final String LOCAL = "file:";

    private final Organizations organizations;
    private final Path inbox;
    private final Map<String, String> addresses;

    InboxDirectories(
            Organizations organizations,
            @Value("${remitflow.inbox.directory}") Path inbox,
            @Value("${remitflow.inbox.era-uri}") String eras,
            @Value("${remitflow.inbox.ach-returns-uri}") String achReturns,
            @Value("${remitflow.inbox.bank-uri}") String bank,
            @Value("${remitflow.inbox.checks-uri}") String checks) {
        this.organizations = organizations;
        this.inbox = inbox.toAbsolutePath().normalize();
        this.addresses = Map.of(ERA, eras, ACH_RETURNS, achReturns, BANK, bank, CHECKS, checks);
    }

    /** One that a route reads. */
    record Inbox(OrganizationId organization, String name, Path directory) {}

    /** Of the current organization, for remittances. */
    public Path forRemittances() {
        return of(organizations.current(), ERA);
    }

    /** Of the current organization, for what its bank returns of its ACH files. */
    public Path forAchReturns() {
        return of(organizations.current(), ACH_RETURNS);
    }

    /** Of the current organization, for statements of its banks. */
    public Path forBankStatements() {
        return of(organizations.current(), BANK);
    }

    /** Of the current organization, for scanned checks. */
    public Path forChecks() {
        return of(organizations.current(), CHECKS);
    }

    @EventListener(ApplicationReadyEvent.class)
    void createAll() {
        organizations.all().forEach(this::create);
    }

    @TransactionalEventListener
    void created(OrganizationCreated event) {
        create(organizations.get(event.id()));
    }

    /** Of all organizations. */
    List<Inbox> readLocally() {
        return organizations.all().stream()
                .flatMap(organization -> addresses.entrySet().stream()
                        .filter(kind -> kind.getValue().startsWith(LOCAL))
                        .map(Map.Entry::getKey)
                        .sorted()
                        .map(kind ->
                                new Inbox(organization.id(), organization.code() + "/" + kind, of(organization, kind))))
                .toList();
    }

    private void create(Organization organization) {
        for (String kind : addresses.keySet()) {
            Path directory = of(organization, kind);
            try {
                Files.createDirectories(directory);
            } catch (IOException e) {
                // One inbox must not keep the application from its other work. The watch raises the alarm.
                log.error("The inbox {} cannot be created", directory, e);
            }
        }
    }

    private Path of(Organization organization, String kind) {
        return base(addresses.getOrDefault(kind, ""))
                .resolve(organization.code())
                .resolve(kind);
    }

    private Path base(String address) {
        if (!address.startsWith(LOCAL)) {
            return inbox;
        }
        String path =
                address.substring(LOCAL.length()).replaceFirst("[?].*", "").replaceFirst("^//", "");
        return Path.of(path).toAbsolutePath().normalize();
    }
}
