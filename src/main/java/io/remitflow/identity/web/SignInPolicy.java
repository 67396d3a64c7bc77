package io.remitflow.identity.web;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
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
 * @param remembrancesPerAccount wrong passwords for one account within the window, before a password that was right a
 *     moment ago is no longer recognized while its source has to wait
 * @param device for how long a browser is known as one in which a person signed in before
 * @param window after this long a failure is forgotten: nobody is locked out for good
 * @param providers by the id of the registration under {@code spring.security.oauth2.client.registration}
 */
@ConfigurationProperties("remitflow.sign-in")
record SignInPolicy(
        @DefaultValue("30m") Duration idle,
        @DefaultValue("12h") Duration absolute,
        @DefaultValue("5") int failuresPerAccount,
        @DefaultValue("30") int failuresPerAccountEverywhere,
        @DefaultValue("50") int failuresPerSource,
        @DefaultValue("300") int remembrancesPerAccount,
        @DefaultValue("180d") Duration device,
        @DefaultValue("5m") Duration window,
        @DefaultValue Map<String, Provider> providers) {

    /**
     * For whom an identity provider may speak.
     *
     * @param organizations codes of the organizations whose people it may sign in; without one it signs in nobody
     * @param usernames whether its {@code preferred_username} is our user name, which only holds where an administrator gives
     *     these names out; otherwise people are known by their verified e-mail address alone
     */
    record Provider(
            @DefaultValue Set<String> organizations,
            @DefaultValue("false") boolean usernames) {}
}
