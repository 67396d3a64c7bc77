package io.remitflow.identity;

/** A setting without which, or with whose value, the application must not start. Its text names the setting, never the value. */
final class UnusableSetting extends IllegalStateException {

    private final String action;

    /** @param action what whoever starts the application should do */
    UnusableSetting(String problem, String action) {
        super(problem);
        this.action = action;
    }

    String action() {
        return action;
    }
}
