package io.remitflow.claims;

import io.remitflow.identity.OrganizationId;

/** Claim.MD says that there may be news: a reason to poll now, and nothing more. */
public record ClaimMdNudged(OrganizationId organization) {}
