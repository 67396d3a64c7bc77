package io.remitflow.ui.web;

import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.security.SecurityRequirement;
import io.swagger.v3.oas.models.security.SecurityScheme;
import io.swagger.v3.oas.models.servers.Server;
import io.swagger.v3.oas.models.tags.Tag;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What {@code /v3/api-docs} says about the REST interface as a whole: its name, its sign-in, one tag per module. */
@Configuration(proxyBeanMethods = false)
class ApiDescription {

    /** Counts up when a client that worked before would no longer work. */
    private static final String VERSION = "1.0";

    private static final String SIGN_IN = "basic";
    private static final String OURS = "io.remitflow.";

    @Bean
    OpenAPI openApi() {
        return new OpenAPI()
                .info(new Info().title("Remitflow").version(VERSION).description("""
                                Remittances, patient accounts, payments, refunds and the general ledger of the \
                                organization of the person who signs in. Errors are problem details (RFC 9457) with a \
                                stable property `code`. Lists are paged by `after` and `limit`. Requests that move \
                                money take an `Idempotency-Key`: repeated with the same content they change nothing."""))
                .addServersItem(new Server().url("/"))
                .components(new Components()
                        .addSecuritySchemes(
                                SIGN_IN,
                                new SecurityScheme()
                                        .type(SecurityScheme.Type.HTTP)
                                        .scheme("basic")
                                        .description("Name and password of a person, sent with every request")))
                .addSecurityItem(new SecurityRequirement().addList(SIGN_IN))
                .addTagsItem(tag("identity", "Settings of the organization"))
                .addTagsItem(tag("ledger", "Chart of accounts and journal entries"))
                .addTagsItem(tag("payments", "Payments of patients, and what card gateways report"))
                .addTagsItem(tag("receivables", "Patient accounts and their transactions"))
                .addTagsItem(tag("claims", "Claims to payers, what payers say about them, and denials"))
                .addTagsItem(tag("billing", "Invoices and credit memos"))
                .addTagsItem(tag("adjustments", "Write-offs, discounts and corrections, and who approved them"))
                .addTagsItem(
                        tag("refunds", "Refunds of payments, and credit balances with their clocks; who approved them"))
                .addTagsItem(tag("remittance", "Electronic remittance advice (835)"))
                .addTagsItem(tag(
                        "checks", "Scanned packets of paper checks, their review, and the rules of who pays for whom"))
                .addTagsItem(tag("bank", "Bank accounts, bank statements, and what their lines are matched with"))
                .addTagsItem(
                        tag(
                                "reconciliation",
                                "Our payments against what card gateways reported; receivables and payers against the books; the way of money"))
                .addTagsItem(tag("discrepancies", "What such a run found to differ, and what was done about it"));
    }

    @Bean
    OperationCustomizer tagByModule() {
        return (operation, handler) -> {
            String type = handler.getBeanType().getName();
            if (type.startsWith(OURS)) {
                operation.setTags(null);
                operation.addTagsItem(type.substring(OURS.length(), type.indexOf('.', OURS.length())));
            }
            return operation;
        };
    }

    private static Tag tag(String module, String description) {
        return new Tag().name(module).description(description);
    }
}
