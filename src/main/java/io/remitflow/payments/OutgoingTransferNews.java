package io.remitflow.payments;

import org.joda.money.Money;

/** What an upper module does when the bank reports that money left by transfer. */
public interface OutgoingTransferNews {

    /**
     * Called in the transaction that records the transfer, once per transfer.
     *
     * @param content what was written into the transfer; banks leave hyphens out
     * @param reference of the bank
     * @return whether the transfer is one of ours, in this amount
     */
    boolean left(String content, Money amount, String reference);
}
