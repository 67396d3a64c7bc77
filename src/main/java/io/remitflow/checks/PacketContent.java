package io.remitflow.checks;

/**
 * The bytes of a packet that was looked at before: of a type we take, and within the limits.
 *
 * @param mediaType such as {@code application/pdf}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; a copy of many megabytes for every reader would be waste
public record PacketContent(byte[] bytes, String mediaType, int pageCount) {}
