package io.remitflow.identity;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;

/** Tells whether someone is who they say, and whether they still may be signed in. */
@Service
public class SignIn {

    private static final int LONGEST_NAME = 128;

    private final Users users;
    private final PasswordEncoder passwords;
    private final String hashOfNobody;

    SignIn(Users users, PasswordEncoder passwords) {
        this.users = users;
        this.passwords = passwords;
        this.hashOfNobody = passwords.encode("nobody has this password");
    }

    /** What was typed as {@code name@code}, cut to what a name may be: the same for all ways to write it. */
    public String fullName(String typed) {
        String name = typed.strip().toLowerCase(Locale.ROOT);
        return users.fullName(name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) : name);
    }

    /** Takes the same time whether the name is unknown, the person inactive or the password wrong. */
    public Optional<Session> byPassword(String signInName, String rawPassword) {
        var account = users.account(signInName);
        @Nullable String hash = account.map(Users.Account::passwordHash).orElse(null);
        boolean matches = passwords.matches(rawPassword, hash == null ? hashOfNobody : hash);
        return account.filter(found -> matches && hash != null && found.person().active())
                .map(SignIn::session);
    }

    /**
     * For someone an identity provider vouches for, among the people of the organizations it may speak for.
     *
     * @param username without organization; null if the names of this provider mean nothing here
     * @param verifiedEmail null unless the provider says that it is verified
     */
    public Optional<Session> byProvider(
            Set<String> organizationCodes, @Nullable String username, @Nullable String verifiedEmail) {
        return Optional.ofNullable(username)
                .flatMap(name -> users.onlyAccount(organizationCodes, "username", name))
                .or(() -> Optional.ofNullable(verifiedEmail)
                        .flatMap(email -> users.onlyAccount(organizationCodes, "email", email)))
                .filter(found -> found.person().active())
                .map(SignIn::session);
    }

    /** What a browser keeps to show that this person has signed in there; nothing for somebody without a password. */
    public Optional<String> deviceToken(SignedIn session) {
        String number = UUID.randomUUID().toString();
        return users.account(session.organization(), session.userId())
                .flatMap(account -> proof(account, number))
                .map(proof -> number + "." + proof);
    }

    /** Whether the token is one of {@link #deviceToken} for this person; a new password ends all of them. */
    public boolean isDeviceOf(String signInName, String token) {
        int dot = token.indexOf('.');
        return dot > 0
                && users.account(signInName)
                        .flatMap(account -> proof(account, token.substring(0, dot)))
                        .filter(proof -> MessageDigest.isEqual(
                                proof.getBytes(StandardCharsets.UTF_8),
                                token.substring(dot + 1).getBytes(StandardCharsets.UTF_8)))
                        .isPresent();
    }

    /** Under the stored hash, whose salt alone is more than anybody can guess. */
    private static Optional<String> proof(Users.Account account, String number) {
        return Optional.ofNullable(account.passwordHash()).map(hash -> {
            try {
                var mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(hash.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
                mac.update("device ".getBytes(StandardCharsets.UTF_8));
                return HexFormat.of().formatHex(mac.doFinal(number.getBytes(StandardCharsets.UTF_8)));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /** The person as of now, or nothing if the session has ended: deactivated, or the password changed. */
    public Optional<Person> stillSignedIn(SignedIn session) {
        return users.account(session.organization(), session.userId())
                .filter(found -> found.person().active() && found.sessionEpoch() == session.sessionEpoch())
                .map(Users.Account::person);
    }

    private static Session session(Users.Account account) {
        var person = account.person();
        return new Session(person.id(), person.organization(), account.sessionEpoch(), person.username());
    }

    public record Session(UserId userId, OrganizationId organization, int sessionEpoch, String username)
            implements SignedIn, java.security.Principal, java.io.Serializable {

        @Override
        public String getName() {
            return username;
        }
    }
}
