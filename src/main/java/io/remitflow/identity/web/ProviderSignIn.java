package io.remitflow.identity.web;

import io.remitflow.identity.OrganizationId;
import io.remitflow.identity.SignIn;
import io.remitflow.identity.SignedIn;
import io.remitflow.identity.UserId;
import java.util.List;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserRequest;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserService;
import org.springframework.security.oauth2.client.userinfo.OAuth2UserService;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;

/** Someone an OpenID provider vouches for becomes one of our people, by preferred_username or verified e-mail. */
class ProviderSignIn implements OAuth2UserService<OidcUserRequest, OidcUser> {

    private final OidcUserService delegate = new OidcUserService();
    private final SignIn signIn;

    ProviderSignIn(SignIn signIn) {
        this.signIn = signIn;
    }

    @Override
    public OidcUser loadUser(OidcUserRequest request) {
        return person(delegate.loadUser(request));
    }

    OidcUser person(OidcUser vouched) {
        boolean verified = Boolean.TRUE.equals(vouched.getEmailVerified());
        return signIn.byProvider(vouched.getPreferredUsername(), verified ? vouched.getEmail() : null)
                .<OidcUser>map(session -> new VouchedPerson(vouched, session))
                .orElseThrow(() -> new OAuth2AuthenticationException(new OAuth2Error("unknown-person")));
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
