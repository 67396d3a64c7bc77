package io.remitflow.ledger;

import io.remitflow.core.Amounts;
import io.remitflow.identity.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** From rows of the journal to records. */
final class JournalRows {

    private JournalRows() {}

    static JournalEntry entry(ResultSet row, List<JournalEntry.Line> lines) throws SQLException {
        UUID postedBy = row.getObject("posted_by", UUID.class);
        return new JournalEntry(
                row.getObject("id", UUID.class),
                row.getString("entry_number"),
                row.getObject("entry_date", LocalDate.class),
                row.getObject("effective_date", LocalDate.class),
                EntryType.ofKey(row.getString("entry_type")),
                row.getString("fiscal_period"),
                row.getString("source_module"),
                row.getString("source_key"),
                row.getString("source_document_type"),
                row.getObject("source_document_id", UUID.class),
                row.getString("reference_number"),
                row.getString("description"),
                Amounts.ofMinor(row.getLong("total_debit"), row.getString("currency")),
                row.getObject("reverses_entry_id", UUID.class),
                row.getObject("reversed_by", UUID.class),
                row.getString("reversal_reason"),
                postedBy == null ? null : new UserId(postedBy),
                row.getObject("posted_at", OffsetDateTime.class).toInstant(),
                lines);
    }

    static JournalEntry.Line line(ResultSet row) throws SQLException {
        String currency = row.getString("currency");
        return new JournalEntry.Line(
                row.getInt("line_number"),
                row.getObject("account_id", UUID.class),
                row.getString("account_code"),
                row.getString("account_name"),
                Amounts.ofMinor(row.getLong("debit_amount"), currency),
                Amounts.ofMinor(row.getLong("credit_amount"), currency),
                clearing(row),
                row.getString("description"),
                row.getString("reference_type"),
                row.getObject("reference_id", UUID.class),
                row.getObject("cost_center_id", UUID.class));
    }

    static @Nullable ClearingReference clearing(ResultSet row) throws SQLException {
        String kind = row.getString("reference_kind");
        return kind == null ? null : new ClearingReference(kind, row.getString("reference_value"));
    }
}
