package io.remitflow.identity.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;

/** The same page, and the same words whatever was wrong with name and password. */
class SignInFailure implements AuthenticationFailureHandler {

    @Override
    public void onAuthenticationFailure(
            HttpServletRequest request, HttpServletResponse response, AuthenticationException e) throws IOException {
        response.setStatus(HttpServletResponse.SC_SEE_OTHER);
        response.setHeader("Location", "/sign-in?" + reason(e));
    }

    private static String reason(AuthenticationException e) {
        if (e instanceof OAuth2AuthenticationException provider) {
            return provider.getError().getErrorCode().equals(ProviderSignIn.UNKNOWN_PERSON) ? "unknown" : "provider";
        }
        return e instanceof TooManySignIns ? "wait" : "failed";
    }
}
