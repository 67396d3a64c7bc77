package io.remitflow.claims;

/** The organization as payers know it; numbers are digits only, the postal code has nine. */
public record BillingProvider(
        String name,
        String npi,
        String taxId,
        String taxonomy,
        String street,
        String city,
        String state,
        String postalCode,
        String contactName,
        String contactPhone) {}
