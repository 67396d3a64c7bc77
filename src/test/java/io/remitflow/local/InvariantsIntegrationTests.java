package io.remitflow.local;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.remitflow.identity.Role;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

@BooksTest
class InvariantsIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Test
    void holdForANewHospital() {
        TestHospital.create(context).user(Role.BILLING_CLERK);

        assertThatCode(() -> Invariants.ofTests().hold()).doesNotThrowAnyException();
    }

    @Test
    void areSeenToBreak() {
        var hospital = TestHospital.create(context);
        var superuser = JdbcClient.create(TestServices.postgres().superuser());
        String change = "update accounting_chart_of_accounts set current_balance = current_balance + ? "
                + "where account_code = '1000' and org_id = ?";

        superuser.sql(change).params(1, hospital.id().value()).update();
        try {
            assertThatThrownBy(() -> Invariants.ofTests().hold())
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("I2 the balance of each ledger account")
                    .hasMessageContaining("I2 all balances of an organization");
        } finally {
            superuser.sql(change).params(-1, hospital.id().value()).update();
        }
    }
}
