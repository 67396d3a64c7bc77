package io.remitflow.receivables;

import java.util.UUID;

/** A section of the account page that an upper module contributes, for example the claims of the account. */
public interface AccountPanel {

    int order();

    /** Thymeleaf fragment with one parameter, for example {@code claims/of-account :: panel}. */
    String fragment();

    /** What the fragment's parameter is. */
    Object model(UUID accountId);
}
