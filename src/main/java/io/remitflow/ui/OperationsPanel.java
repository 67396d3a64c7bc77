package io.remitflow.ui;

/** A section of the operations page that an upper module contributes, for example the state of a partner's connection. */
public interface OperationsPanel {

    /** Thymeleaf fragment with one parameter, for example {@code claims/operations :: panel}. */
    String fragment();

    /** What the fragment's parameter is, for the current organization. */
    Object model();
}
