package io.remitflow.identity;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import org.joda.money.CurrencyUnit;
import org.joda.money.IllegalCurrencyException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * {@code java -jar remitflow.jar --create-organization=mercy --organization-name="Mercy General" --time-zone=America/New_York
 * --currency=USD --administrator=admin}: the first organization and its first person, who then adds the others on a page.
 *
 * <p>The administrator's password comes from {@code REMITFLOW_ADMINISTRATOR_PASSWORD}, as arguments are seen by everyone on
 * the machine. An organization that has people already is left as it is.
 */
@Component
class OrganizationCommand implements ApplicationRunner {

    private static final Logger log = LoggerFactory.getLogger(OrganizationCommand.class);

    private final Organizations organizations;
    private final Users users;
    private final Environment environment;

    OrganizationCommand(Organizations organizations, Users users, Environment environment) {
        this.organizations = organizations;
        this.users = users;
        this.environment = environment;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        if (!arguments.containsOption("create-organization")) {
            return;
        }
        String code = value(arguments, "create-organization");
        String administrator = value(arguments, "administrator");
        String password = environment.getProperty("remitflow.administrator-password", "");
        if (password.length() < 12) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "Set REMITFLOW_ADMINISTRATOR_PASSWORD to a password of at least 12 characters");
        }
        var organization = organizations
                .byCode(code)
                .map(Organization::id)
                .orElseGet(() -> organizations.create(
                        code, value(arguments, "organization-name"), zone(arguments), currency(arguments)));
        CurrentOrganization.run(organization, () -> {
            if (users.all().isEmpty()) {
                users.create(administrator, "Administrator", password, Set.of(Role.ORG_ADMIN));
                log.info("organization {} has the administrator {}", code, administrator);
            } else {
                log.info("organization {} has people already and is left as it is", code);
            }
        });
    }

    private static ZoneId zone(ApplicationArguments arguments) {
        try {
            return ZoneId.of(value(arguments, "time-zone"));
        } catch (DateTimeException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "--time-zone is a name such as America/New_York");
        }
    }

    private static CurrencyUnit currency(ApplicationArguments arguments) {
        try {
            return CurrencyUnit.of(value(arguments, "currency"));
        } catch (IllegalCurrencyException e) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "--currency is a code such as USD");
        }
    }

    private static String value(ApplicationArguments arguments, String option) {
        List<String> values = arguments.getOptionValues(option);
        if (values == null || values.size() != 1 || values.getFirst().isBlank()) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "--%s needs one value".formatted(option));
        }
        return values.getFirst();
    }
}
