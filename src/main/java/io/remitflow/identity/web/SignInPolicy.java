package io.remitflow.identity.web;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long a session lasts and how often a wrong password may be tried.
 *
 * @param idle without a request for this long, the session has ended
 * @param absolute after this long, it has ended whatever happened
 * @param failuresPerAccount wrong passwords for one account from one source within the window before it has to wait
 * @param failuresPerAccountEverywhere the same from all sources that never signed in to this account
 * @param failuresPerSource wrong passwords from one source for any accounts
 * @param window after this long a failure is forgotten: nobody is locked out for good
 */
@ConfigurationProperties("remitflow.sign-in")
record SignInPolicy(
        @DefaultValue("30m") Duration idle,
        @DefaultValue("12h") Duration absolute,
        @DefaultValue("5") int failuresPerAccount,
        @DefaultValue("30") int failuresPerAccountEverywhere,
        @DefaultValue("50") int failuresPerSource,
        @DefaultValue("5m") Duration window) {}
