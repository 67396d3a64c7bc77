package io.remitflow.remittance;

import io.remitflow.benchmark.Spent;
import io.remitflow.local.LocalPostgres;
import io.remitflow.local.TestHospital;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Properties;

/**
 * The reference for posting: the rows it wrote, inserted again by nothing but JDBC batches of a thousand, rewritten by
 * the driver, in one transaction, into tables with the same columns, checks and indexes. No foreign keys, no row
 * security, no triggers, no reading.
 */
final class BareInserts {

    /** What posting adds; what it changes (claims, accounts) is not counted for the reference. */
    private static final List<String> TABLES = List.of(
            "billing_remittance_claims",
            "billing_remittance_service_lines",
            "billing_remittance_adjustments",
            "billing_patient_transactions",
            "billing_claim_responses");

    private static final int BATCH = 1_000;

    private BareInserts() {}

    /** Rows written and what the batches took, reading the originals not counted. */
    record Measured(long rows, Spent spent) {}

    static Measured run(LocalPostgres postgres, TestHospital hospital) throws Exception {
        long rows = 0;
        Spent spent = Spent.NOTHING;
        try (Connection reading = connect(postgres);
                Connection writing = connect(postgres)) {
            try (var statement = writing.createStatement()) {
                statement.execute("drop schema if exists bare cascade");
                statement.execute("create schema bare");
                for (String table : TABLES) {
                    statement.execute("create table bare.%1$s (like public.%1$s including all)".formatted(table));
                }
            }
            reading.setAutoCommit(false);
            writing.setAutoCommit(false);
            for (String table : TABLES) {
                try (var statement = reading.prepareStatement(
                        "select * from %s where org_id = ? order by %s".formatted(table, order(table)))) {
                    statement.setFetchSize(BATCH);
                    statement.setObject(1, hospital.id().value());
                    try (ResultSet originals = statement.executeQuery()) {
                        int columns = originals.getMetaData().getColumnCount();
                        try (PreparedStatement insert = writing.prepareStatement("insert into bare.%s values (%s)"
                                .formatted(table, String.join(",", Collections.nCopies(columns, "?"))))) {
                            boolean more = originals.next();
                            while (more) {
                                for (int i = 0; i < BATCH && more; i++, more = originals.next()) {
                                    for (int column = 1; column <= columns; column++) {
                                        insert.setObject(
                                                column,
                                                originals.getObject(column),
                                                originals.getMetaData().getColumnType(column));
                                    }
                                    insert.addBatch();
                                    rows++;
                                }
                                spent = spent.plus(Spent.on(postgres, insert::executeBatch));
                            }
                        }
                    }
                }
            }
            spent = spent.plus(Spent.on(postgres, () -> {
                writing.commit();
                return writing;
            }));
            try (var statement = writing.createStatement()) {
                statement.execute("drop schema bare cascade");
            }
            writing.commit();
        }
        return new Measured(rows, spent);
    }

    private static String order(String table) {
        return switch (table) {
            case "billing_remittance_service_lines", "billing_remittance_adjustments" ->
                "remittance_claim_id, position";
            default -> "id";
        };
    }

    private static Connection connect(LocalPostgres postgres) throws SQLException {
        var properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("reWriteBatchedInserts", "true");
        return DriverManager.getConnection(postgres.url(), properties);
    }
}
