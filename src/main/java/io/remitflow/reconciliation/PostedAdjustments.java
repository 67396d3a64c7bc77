package io.remitflow.reconciliation;

import io.remitflow.discrepancies.Corrections;
import java.util.Objects;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Corrections of discrepancies: adjustments that went through their approval and are in the books. */
@Component
class PostedAdjustments implements Corrections {

    private final JdbcClient jdbc;

    PostedAdjustments(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public boolean isPosted(String adjustmentNumber) {
        return Objects.requireNonNull(jdbc.sql("""
                        select exists (select from billing_adjustments
                                        where adjustment_number = :number and status = 'posted')
                        """)
                .param("number", adjustmentNumber)
                .query(Boolean.class)
                .single());
    }
}
