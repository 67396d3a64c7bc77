package io.remitflow.identity.web;

import io.remitflow.identity.SignIn;
import java.util.List;
import java.util.Locale;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.authentication.WebAuthenticationDetails;

/** Name and password, from the sign-in page or from HTTP Basic. Authorities come later, see {@link SignedInFilter}. */
class PasswordSignIn implements AuthenticationProvider {

    private static final int LONGEST_NAME = 128;

    private final SignIn signIn;
    private final SignInThrottle throttle;
    private final SignInRecord record;

    PasswordSignIn(SignIn signIn, SignInThrottle throttle, SignInRecord record) {
        this.signIn = signIn;
        this.throttle = throttle;
        this.record = record;
    }

    @Override
    public Authentication authenticate(Authentication attempt) {
        String typed = attempt.getName().strip().toLowerCase(Locale.ROOT);
        String name = typed.length() > LONGEST_NAME ? typed.substring(0, LONGEST_NAME) : typed;
        String source = attempt.getDetails() instanceof WebAuthenticationDetails details
                ? details.getRemoteAddress()
                : "unknown";
        try {
            throttle.check(name, source);
        } catch (TooManySignIns e) {
            record.failed(source, true);
            throw e;
        }
        var session = signIn.byPassword(name, String.valueOf(attempt.getCredentials()));
        if (session.isEmpty()) {
            throttle.failed(name, source);
            record.failed(source, false);
            throw new BadCredentialsException("sign-in failed");
        }
        throttle.succeeded(name, source);
        var signedIn = UsernamePasswordAuthenticationToken.authenticated(session.get(), null, List.of());
        signedIn.setDetails(attempt.getDetails());
        return signedIn;
    }

    @Override
    public boolean supports(Class<?> type) {
        return UsernamePasswordAuthenticationToken.class.isAssignableFrom(type);
    }
}
