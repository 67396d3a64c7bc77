package io.remitflow.identity.web;

import io.remitflow.identity.SignIn;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.authentication.WebAuthenticationDetails;

/** Name and password, from the sign-in page or from HTTP Basic. Authorities come later, see {@link SignedInFilter}. */
class PasswordSignIn implements AuthenticationProvider {

    private static final int REMEMBERED = 1_000;

    private final SignIn signIn;
    private final SignInThrottle throttle;
    private final SignInRecord record;
    private final byte[] key = new byte[32];
    private final Map<String, SignIn.Session> recent = Collections.synchronizedMap(new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, SignIn.Session> eldest) {
            return size() > REMEMBERED;
        }
    });

    PasswordSignIn(SignIn signIn, SignInThrottle throttle, SignInRecord record) {
        this.signIn = signIn;
        this.throttle = throttle;
        this.record = record;
        new SecureRandom().nextBytes(key);
    }

    @Override
    public Authentication authenticate(Authentication attempt) {
        String name = signIn.fullName(attempt.getName());
        String source = attempt.getDetails() instanceof WebAuthenticationDetails details
                ? details.getRemoteAddress()
                : "unknown";
        String device = deviceOf(name, attempt);
        String password = String.valueOf(attempt.getCredentials());
        // API clients send the password with every request; BCrypt each time would be most of the work.
        String digest = digest(name, password);
        var remembered = recent.get(digest);
        if (remembered != null && throttle.mayBeRemembered(name) && stillSignedIn(digest, remembered)) {
            return authenticated(remembered, attempt);
        }
        try {
            throttle.check(name, source, device);
        } catch (TooManySignIns e) {
            throttle.notRemembered(name);
            record.failed(source, true);
            throw e;
        }
        if (remembered != null && stillSignedIn(digest, remembered)) {
            return authenticated(remembered, attempt);
        }
        var session = signIn.byPassword(name, password);
        if (session.isEmpty()) {
            throttle.notRemembered(name);
            throttle.failed(name, source, device);
            record.failed(source, false);
            throw new BadCredentialsException("sign-in failed");
        }
        throttle.succeeded(name, source, device);
        recent.put(digest, session.get());
        return authenticated(session.get(), attempt);
    }

    @Override
    public boolean supports(Class<?> type) {
        return UsernamePasswordAuthenticationToken.class.isAssignableFrom(type);
    }

    private boolean stillSignedIn(String digest, SignIn.Session remembered) {
        boolean still = signIn.stillSignedIn(remembered).isPresent();
        if (!still) {
            recent.remove(digest);
        }
        return still;
    }

    private @Nullable String deviceOf(String name, Authentication attempt) {
        if (!(attempt.getDetails() instanceof SignInDetails details)) {
            return null;
        }
        String token = details.device(name);
        return token != null && signIn.isDeviceOf(name, token) ? token : null;
    }

    private static Authentication authenticated(SignIn.Session session, Authentication attempt) {
        var signedIn = UsernamePasswordAuthenticationToken.authenticated(session, null, List.of());
        signedIn.setDetails(attempt.getDetails());
        return signedIn;
    }

    /** Under a key that this process alone knows and forgets. */
    private String digest(String name, String password) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update(name.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            return HexFormat.of().formatHex(mac.doFinal(password.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
