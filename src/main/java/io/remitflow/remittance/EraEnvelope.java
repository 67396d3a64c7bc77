package io.remitflow.remittance;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * Interchange and functional group around a transaction.
 *
 * @param interchangeIndex counted from 1 within the file
 * @param test the sender marked the interchange as test data (ISA15)
 */
public record EraEnvelope(
        int interchangeIndex,
        String senderQualifier,
        String senderId,
        String receiverQualifier,
        String receiverId,
        @Nullable LocalDate interchangeDate,
        String interchangeControlNumber,
        boolean test,
        String groupSender,
        String groupReceiver,
        String groupControlNumber,
        String version) {}
