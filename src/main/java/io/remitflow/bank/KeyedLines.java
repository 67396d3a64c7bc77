package io.remitflow.bank;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.ledger.ClearingReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Which lines carry the key of something that is open in clearing, in exactly its amount: set-based, since almost all lines
 * end here. Only where a line has one such reference, and that reference one such line, is it certain.
 */
@Component
class KeyedLines {

    /** Shorter keys meet by chance; the number of a check is compared with check numbers only. */
    private static final int MIN_KEY = 6;

    private final JdbcClient jdbc;

    KeyedLines(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @param accountCode the clearing account on which the reference is open */
    record Hit(UUID lineId, String accountCode, ClearingReference reference) {}

    /** Besides the references themselves, SePay's transfers are known to the bank by its own reference code. */
    Map<UUID, Hit> among(List<UUID> lineIds) {
        if (lineIds.isEmpty()) {
            return Map.of();
        }
        Map<UUID, Hit> hits = new HashMap<>();
        jdbc.sql("""
                        with open as (
                            select r.id, r.balance, r.reference_kind, r.reference_value, a.account_code
                              from accounting_clearing_references r
                              join accounting_chart_of_accounts a on a.org_id = r.org_id and a.id = r.account_id
                             where r.org_id = :org and r.balance <> 0 and a.account_code in ('1060', '1070', '1080')),
                        keyed as (
                            select o.*, upper(regexp_replace(o.reference_value, '[^A-Za-z0-9]', '', 'g')) as key from open o
                            union
                            select o.*, upper(regexp_replace(t.reference_code, '[^A-Za-z0-9]', '', 'g')) from open o
                              join payments_bank_transfers t on t.transfer_id = o.reference_value
                             where o.reference_kind = 'gateway-payment' and t.reference_code is not null),
                        hits as (
                            select distinct l.id as line_id, k.id as reference_id, k.account_code, k.reference_kind, k.reference_value
                              from accounting_bank_lines l
                              join accounting_bank_line_keys x on x.org_id = l.org_id and x.line_id = l.id
                              join keyed k on k.key = x.key and k.balance = l.amount
                             where l.org_id = :org and l.id in (:lines) and k.reference_kind <> 'check' and length(k.key) >= :shortest
                            union
                            select l.id, k.id, k.account_code, k.reference_kind, k.reference_value
                              from accounting_bank_lines l
                              join keyed k on k.key = ltrim(l.check_number, '0') and k.balance = l.amount
                             where l.org_id = :org and l.id in (:lines) and k.reference_kind = 'check' and l.check_number <> ''),
                        counted as (
                            select h.*, count(*) over (partition by line_id) as of_line,
                                   count(*) over (partition by reference_id) as of_reference
                              from hits h)
                        select line_id, account_code, reference_kind, reference_value from counted
                        where of_line = 1 and of_reference = 1
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("lines", lineIds)
                .param("shortest", MIN_KEY)
                .query((row, number) -> new Hit(
                        row.getObject("line_id", UUID.class),
                        row.getString("account_code"),
                        new ClearingReference(row.getString("reference_kind"), row.getString("reference_value"))))
                .list()
                .forEach(hit -> hits.put(hit.lineId(), hit));
        return hits;
    }
}
