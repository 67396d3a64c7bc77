package io.remitflow.payments;

/** What a report of a gateway does, once it was asked for what the report is about. */
interface EventEffect {

    /**
     * To be called in the transaction that settles the event.
     *
     * @return the state of the event from now on, such as {@code processed}
     */
    String apply();
}
