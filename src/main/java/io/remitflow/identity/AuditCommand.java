package io.remitflow.identity;

import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.ExitCodeGenerator;
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
    private final ConfigurableApplicationContext context;

    AuditCommand(AuditVerification verification, ConfigurableApplicationContext context) {
        this.verification = verification;
        this.context = context;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        if (arguments.containsOption("verify-audit")) {
            int code = verification.ofAll().isEmpty() ? 0 : 1;
            System.exit(SpringApplication.exit(context, (ExitCodeGenerator) () -> code));
        }
    }
}
