package io.remitflow.identity;

/**
 * A new organization. Published inside the transaction that creates it and with it as current organization: listeners
 * write what an organization cannot be without.
 */
public record OrganizationCreated(OrganizationId id) {}
