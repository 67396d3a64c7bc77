package io.remitflow.claims;

/** What is needed to add a payer; classes: commercial, medicare, medicaid, tricare, workers_comp, other. */
public record NewPayer(String name, String payerClass, String remitIdentifier) {}
