package io.remitflow.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LocalStackIntegrationTests {

    @Test
    void theManagerSignsInToTasklist() {
        var answer = LocalHttp.send(
                "POST", TestServices.stack().tasklist().url() + "/api/login?username=manager&password=demo", "");

        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(answer.headers().firstValue("set-cookie").orElse("")).contains("TASKLIST-SESSION");
    }

    @Test
    void tasklistRefusesAWrongPassword() {
        var answer = LocalHttp.send(
                "POST", TestServices.stack().tasklist().url() + "/api/login?username=manager&password=wrong", "");

        assertThat(answer.statusCode()).isEqualTo(401);
    }
}
