package io.remitflow.local;

import java.util.function.Consumer;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * As many records of ours as of the other side, with differences that are known exactly. Of a thousand of ours 10 are missing
 * there, 5 have another amount, 2 another currency, 8 another state, 5 are there twice; 5 more are there only.
 */
public record KnownDifferences(int records) {

    /** What happens to record {@code i}, counted from zero. */
    public static final String KIND = """
            case when mod(i, 1000) < 10 then 'missing' when mod(i, 1000) < 15 then 'amount' when mod(i, 1000) < 17 then 'currency'
                 when mod(i, 1000) < 25 then 'state' when mod(i, 1000) < 30 then 'doubled' else 'same' end""";

    public KnownDifferences {
        if (records < 1000 || records % 1000 != 0) {
            throw new IllegalArgumentException("thousands of records");
        }
    }

    public long same() {
        return perMille(970);
    }

    public long otherAmount() {
        return perMille(5);
    }

    public long otherCurrency() {
        return perMille(2);
    }

    public long otherState() {
        return perMille(8);
    }

    public long doubled() {
        return perMille(5);
    }

    public long missingThere() {
        return perMille(10);
    }

    public long missingHere() {
        return perMille(5);
    }

    private long perMille(int parts) {
        return (long) records / 1000 * parts;
    }

    /** In one transaction, without triggers and foreign keys: rows of such a number, not how they came about. */
    public static void load(Consumer<JdbcClient> rows) {
        var superuser = TestServices.postgres().superuser();
        var database = JdbcClient.create(superuser);
        new TransactionTemplate(new JdbcTransactionManager(superuser)).executeWithoutResult(transaction -> {
            database.sql("set local session_replication_role = replica").update();
            rows.accept(database);
        });
    }

    public static void analyze(String... tables) {
        var database = JdbcClient.create(TestServices.postgres().superuser());
        for (String table : tables) {
            database.sql("analyze " + table).update();
        }
    }
}
