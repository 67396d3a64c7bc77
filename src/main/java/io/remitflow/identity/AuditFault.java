package io.remitflow.identity;

/**
 * Where an organization's audit log is not what was written.
 *
 * @param seq the first bad place in the chain
 */
public record AuditFault(OrganizationId organization, long seq, String what) {}
