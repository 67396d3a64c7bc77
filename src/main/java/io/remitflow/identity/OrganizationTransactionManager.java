package io.remitflow.identity;

import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Begins each transaction with {@code set_config('remitflow.org_id', ..., true)}, the value every row policy reads.
 *
 * <p>The setting ends with the transaction, so a pooled connection never carries it over; without an organization it is
 * set to the empty string, for which no policy shows a row.
 */
class OrganizationTransactionManager extends JdbcTransactionManager {

    OrganizationTransactionManager(DataSource dataSource) {
        super(dataSource);
    }

    @Override
    protected void doBegin(Object transaction, TransactionDefinition definition) {
        super.doBegin(transaction, definition);
        var holder = (ConnectionHolder) TransactionSynchronizationManager.getResource(obtainDataSource());
        String organization =
                CurrentOrganization.find().map(OrganizationId::toString).orElse("");
        if (holder == null) {
            throw new TransactionSystemException("the transaction has no connection");
        }
        try (var set = holder.getConnection().prepareStatement("select set_config('remitflow.org_id', ?, true)")) {
            set.setString(1, organization);
            set.execute();
        } catch (SQLException e) {
            doCleanupAfterCompletion(transaction);
            // Most often the first use of a connection whose server went away.
            throw new CannotCreateTransactionException("the organization could not be set for the transaction", e);
        }
    }
}
