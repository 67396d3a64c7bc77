package io.remitflow.claims;

import java.net.URI;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * {@code remitflow.claimmd.*}: where Claim.MD is and the patience with it. The account key is not here: each organization
 * has its own, kept by {@link ClaimMdConnections}.
 *
 * @param url ends with a slash; the same for test and production, the account key selects the account
 * @param askAgainAfter an upload without an answer is asked for until then, and sent again only if Claim.MD has not got it
 */
@ConfigurationProperties("remitflow.claimmd")
public record ClaimMdSettings(
        @DefaultValue("https://svc.claim.md/services/") URI url,
        @DefaultValue("5s") Duration connectTimeout,
        @DefaultValue("60s") Duration readTimeout,
        @DefaultValue("80") int requestsPerMinute,
        @DefaultValue("200ms") Duration retryPause,
        @DefaultValue("10m") Duration askAgainAfter) {}
