package io.remitflow.identity.web;

import io.remitflow.identity.OrganizationId;
import io.remitflow.identity.SignIn;
import io.remitflow.identity.SignedIn;
import io.remitflow.identity.UserId;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserRequest;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserService;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserService;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;

/** Someone an OpenID provider vouches for becomes one of the people of the organizations it may speak for. */
class ProviderSignIn implements OAuth2UserService<OidcUserRequest, OidcUser> {

    /** The provider knows this person, and we do not. */
    static final String UNKNOWN_PERSON = "unknown-person";

    private static final Logger log = LoggerFactory.getLogger(ProviderSignIn.class);

    private final OidcUserService delegate = new OidcUserService();
    private final SignIn signIn;
    private final SignInPolicy policy;

    ProviderSignIn(SignIn signIn, SignInPolicy policy) {
        this.signIn = signIn;
        this.policy = policy;
    }

    @Override
    public OidcUser loadUser(OidcUserRequest request) {
        return person(request.getClientRegistration().getRegistrationId(), delegate.loadUser(request));
    }

    private OidcUser person(String registration, OidcUser vouched) {
        var provider = policy.providers().get(registration);
        if (provider == null || provider.organizations().isEmpty()) {
            log.warn(
                    "nobody can sign in by {}: remitflow.sign-in.providers.{}.organizations is not set",
                    registration,
                    registration);
            throw new OAuth2AuthenticationException(new OAuth2Error(UNKNOWN_PERSON));
        }
        boolean verified = Boolean.TRUE.equals(vouched.getEmailVerified());
        return signIn.byProvider(
                        provider.organizations(),
                        provider.usernames() ? vouched.getPreferredUsername() : null,
                        verified ? vouched.getEmail() : null)
                .<OidcUser>map(session -> new VouchedPerson(vouched, session))
                .orElseThrow(() -> new OAuth2AuthenticationException(new OAuth2Error(UNKNOWN_PERSON)));
    }

    private static class VouchedPerson extends DefaultOidcUser implements SignedIn {

        private final SignIn.Session session;

        VouchedPerson(OidcUser vouched, SignIn.Session session) {
            super(List.of(), vouched.getIdToken(), vouched.getUserInfo());
            this.session = session;
        }

        @Override
        public UserId userId() {
            return session.userId();
        }

        @Override
        public OrganizationId organization() {
            return session.organization();
        }

        @Override
        public int sessionEpoch() {
            return session.sessionEpoch();
        }

        @Override
        public String getName() {
            return session.username();
        }
    }
}
