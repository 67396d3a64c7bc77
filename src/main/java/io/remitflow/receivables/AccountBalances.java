package io.remitflow.receivables;

import io.remitflow.core.Amounts;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Rebuilds the balances of all accounts from their transactions and compares: the proof of the stored balances. */
@Service
@Transactional(readOnly = true)
public class AccountBalances {

    private final JdbcClient jdbc;

    AccountBalances(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Accounts of the current organization that differ, in their balances or in the number of transactions. */
    public List<BalanceDifference> differences() {
        return jdbc.sql("""
                        select a.id, a.account_number, a.currency, a.insurance_balance, a.patient_balance,
                            coalesce(t.insurance, 0)::bigint as insurance, coalesce(t.patient, 0)::bigint as patient
                        from billing_patient_accounts a
                        left join (
                            select account_id, count(*) as transactions,
                                coalesce(sum(amount) filter (where responsibility = 'insurance'), 0) as insurance,
                                coalesce(sum(amount) filter (where responsibility = 'patient'), 0) as patient
                            from billing_patient_transactions group by account_id
                        ) t on t.account_id = a.id
                        where a.insurance_balance <> coalesce(t.insurance, 0)
                           or a.patient_balance <> coalesce(t.patient, 0)
                           or a.transaction_count <> coalesce(t.transactions, 0)
                        order by a.account_number
                        """)
                .query((row, number) -> {
                    String currency = row.getString("currency");
                    return new BalanceDifference(
                            row.getObject("id", UUID.class),
                            row.getString("account_number"),
                            Amounts.ofMinor(row.getLong("insurance_balance"), currency),
                            Amounts.ofMinor(row.getLong("insurance"), currency),
                            Amounts.ofMinor(row.getLong("patient_balance"), currency),
                            Amounts.ofMinor(row.getLong("patient"), currency));
                })
                .list();
    }
}
