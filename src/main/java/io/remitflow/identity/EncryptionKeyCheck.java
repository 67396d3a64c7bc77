package io.remitflow.identity;

import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Refuses a start with a key that does not open what was encrypted before: each refund, file and webhook would fail on its own,
 * and what is stored meanwhile could be read with neither key.
 */
@Component
class EncryptionKeyCheck implements SmartLifecycle {

    private static final String PROOF = "remitflow";

    private final JdbcClient jdbc;
    private final TransactionTemplate transactions;
    private final Organizations organizations;
    private final Secrets secrets;
    private volatile boolean running;

    EncryptionKeyCheck(
            JdbcClient jdbc, TransactionTemplate transactions, Organizations organizations, Secrets secrets) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.organizations = organizations;
        this.secrets = secrets;
    }

    /** Before jobs, routes and requests. */
    @Override
    public int getPhase() {
        return Integer.MIN_VALUE;
    }

    @Override
    public void start() {
        organizations
                .all()
                .forEach(organization -> CurrentOrganization.run(
                        organization.id(),
                        () -> transactions.executeWithoutResult(transaction -> check(organization))));
        running = true;
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @EventListener
    void created(OrganizationCreated event) {
        prove();
    }

    private void check(Organization organization) {
        var proof = jdbc.sql("select proof from encryption_key_proofs")
                .query((row, number) -> row.getBytes("proof"))
                .optional();
        if (proof.isEmpty()) {
            prove();
        } else if (!opens(proof.get())) {
            throw new UnusableSetting(
                    "remitflow.encryption-key is not the key with which the secrets of the organization %s were encrypted."
                            .formatted(organization.code()),
                    "Set REMITFLOW_ENCRYPTION_KEY to the key that was used before. If it is lost, see \"The encryption key\""
                            + " in docs/operations.md.");
        }
    }

    private boolean opens(byte[] proof) {
        try {
            return secrets.decrypt(proof).equals(PROOF);
        } catch (IllegalStateException e) {
            return false;
        }
    }

    /** For the current organization; of two instances that start at once one does it. */
    private void prove() {
        jdbc.sql("insert into encryption_key_proofs (org_id, proof) values (:org, :proof) on conflict do nothing")
                .param("org", CurrentOrganization.id().value())
                .param("proof", secrets.encrypt(PROOF))
                .update();
    }
}
