package io.remitflow.intake;

import io.remitflow.identity.Organization;
import io.remitflow.identity.OrganizationCreated;
import io.remitflow.identity.Organizations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;

/** The local directories into which partners or people put files: {@code <inbox>/<organization code>/<kind>}. */
@Component
public class InboxDirectories {

    private static final String ERA = "era";
    private static final String ACH_RETURNS = "ach-returns";
    private static final String BANK = "bank";
    private static final String CHECKS = "checks";

    private final Organizations organizations;
    private final Path inbox;

    InboxDirectories(Organizations organizations, @Value("${remitflow.inbox.directory}") Path inbox) {
        this.organizations = organizations;
        this.inbox = inbox.toAbsolutePath().normalize();
    }

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

    private void create(Organization organization) {
        try {
            Files.createDirectories(of(organization, ERA));
            Files.createDirectories(of(organization, ACH_RETURNS));
            Files.createDirectories(of(organization, BANK));
            Files.createDirectories(of(organization, CHECKS));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path of(Organization organization, String kind) {
        return inbox.resolve(organization.code()).resolve(kind);
    }
}
