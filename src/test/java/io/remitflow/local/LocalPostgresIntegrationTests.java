package io.remitflow.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

@BooksTest
class LocalPostgresIntegrationTests {

    @Autowired
    JdbcClient jdbc;

    @Test
    void losesNoCommitInACrash() {
        assertThat(setting("fsync")).isEqualTo("on");
        assertThat(setting("synchronous_commit")).isEqualTo("on");
        assertThat(setting("full_page_writes")).isEqualTo("on");
    }

    @Test
    void theApplicationCannotBypassRowSecurityNorCreateTables() {
        assertThat(jdbc.sql("select current_user").query(String.class).single()).isEqualTo("remitflow_app");
        assertThat(jdbc.sql("select rolbypassrls or rolsuper from pg_roles where rolname = current_user")
                        .query(Boolean.class)
                        .single())
                .isFalse();
        assertThatThrownBy(() -> jdbc.sql("create table mine (id int)").update())
                .rootCause()
                .hasMessageContaining("permission denied");
    }

    private String setting(String name) {
        return jdbc.sql("show " + name).query(String.class).single();
    }
}
