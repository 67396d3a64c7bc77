package io.remitflow.identity;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;

/** Tells whether someone is who they say, and whether they still may be signed in. */
@Service
public class SignIn {

    private final Users users;
    private final PasswordEncoder passwords;
    private final String hashOfNobody;

    SignIn(Users users, PasswordEncoder passwords) {
        this.users = users;
        this.passwords = passwords;
        this.hashOfNobody = passwords.encode("nobody has this password");
    }

    /** Takes the same time whether the name is unknown, the person inactive or the password wrong. */
    public Optional<Session> byPassword(String signInName, String rawPassword) {
        var account = users.account(signInName);
        @Nullable String hash = account.map(Users.Account::passwordHash).orElse(null);
        boolean matches = passwords.matches(rawPassword, hash == null ? hashOfNobody : hash);
        return account.filter(found -> matches && hash != null && found.person().active())
                .map(SignIn::session);
    }

    /** For someone an identity provider vouches for. */
    public Optional<Session> byProvider(@Nullable String preferredUsername, @Nullable String verifiedEmail) {
        return Optional.ofNullable(preferredUsername)
                .flatMap(users::account)
                .or(() -> Optional.ofNullable(verifiedEmail).flatMap(users::accountByEmail))
                .filter(found -> found.person().active())
                .map(SignIn::session);
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
