package io.remitflow.identity;

import java.util.function.IntConsumer;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.stereotype.Component;

/**
 * {@code java -jar remitflow.jar --verify-audit --spring.main.web-application-type=none}: verifies every organization and
 * ends, with exit code 1 if a log is not intact.
 */
@Component
class AuditCommand implements ApplicationRunner {

    private final AuditVerification verification;
    private final IntConsumer end;

    @Autowired
    AuditCommand(AuditVerification verification, ConfigurableApplicationContext context) {
        this(verification, (IntConsumer) code -> System.exit(SpringApplication.exit(context, () -> code)));
    }

    AuditCommand(AuditVerification verification, IntConsumer end) {
        this.verification = verification;
        this.end = end;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        if (arguments.containsOption("verify-audit")) {
            end.accept(verification.ofAll().isEmpty() ? 0 : 1);
        }
    }
}
