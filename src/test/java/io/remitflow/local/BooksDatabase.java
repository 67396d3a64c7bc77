package io.remitflow.local;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Tests without an engine have a database of their own. In the one beside it the applications that are connected to an
 * engine live: they would send it what waits in the outbox of any organization they see.
 */
final class BooksDatabase implements BeforeAllCallback, AfterAllCallback {

    private static final String NAME = "remitflow_books";

    @Override
    public void beforeAll(ExtensionContext context) {
        TestServices.postgres().use(NAME);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        TestServices.postgres().use(LocalPostgres.DATABASE);
    }
}
