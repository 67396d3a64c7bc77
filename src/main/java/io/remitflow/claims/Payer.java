package io.remitflow.claims;

import java.util.UUID;

/** An insurance payer; {@code remitIdentifier} is how it names itself on an 835 (TRN03 or the id of N1*PR). */
public record Payer(UUID id, String name, String payerClass, String remitIdentifier) {}
