package io.remitflow.payments;

/** A section of the page of a payment that an upper module contributes, for example its refunds. */
public interface PaymentPanel {

    int order();

    /** Thymeleaf fragment with one parameter, for example {@code refunds/of-payment :: panel}. */
    String fragment();

    /** What the fragment's parameter is. */
    Object model(Payment payment);
}
