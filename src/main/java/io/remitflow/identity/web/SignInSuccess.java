package io.remitflow.identity.web;

import io.remitflow.identity.SignIn;
import io.remitflow.identity.SignedIn;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.authentication.AuthenticationSuccessHandler;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;
import org.springframework.web.util.UriComponentsBuilder;

/** Starts the clock of the session and leads to the page that was asked for, but never off this site. */
class SignInSuccess implements AuthenticationSuccessHandler {

    private final HttpSessionRequestCache requests = new HttpSessionRequestCache();
    private final Clock clock;
    private final SignInRecord record;
    private final SignIn signIn;
    private final SignInPolicy policy;

    SignInSuccess(Clock clock, SignInRecord record, SignIn signIn, SignInPolicy policy) {
        this.clock = clock;
        this.record = record;
        this.signIn = signIn;
        this.policy = policy;
    }

    @Override
    public void onAuthenticationSuccess(
            HttpServletRequest request, HttpServletResponse response, Authentication authentication)
            throws IOException, ServletException {
        if (authentication.getPrincipal() instanceof SignedIn session) {
            record.signedIn(session, request.getRemoteAddr());
            knowDevice(request, response, authentication, session);
        }
        SignedInFilter.begin(request.getSession(), clock.instant());
        var saved = requests.getRequest(request, response);
        requests.removeRequest(request, response);
        response.setStatus(HttpServletResponse.SC_SEE_OTHER);
        response.setHeader("Location", saved == null ? "/app" : pathOf(saved.getRedirectUrl()));
    }

    /** So that nobody who guesses at this account later can make this browser wait. */
    private void knowDevice(
            HttpServletRequest request, HttpServletResponse response, Authentication authentication, SignedIn session) {
        if (!(authentication.getDetails() instanceof SignInDetails)) {
            return;
        }
        String name = signIn.fullName(request.getParameter("username"));
        signIn.deviceToken(session)
                .ifPresent(token -> SignInDetails.know(request, response, name, token, policy.device()));
    }

    /** The Host header of the saved request may have been anything: only path and query survive. */
    private static String pathOf(String url) {
        var parts = UriComponentsBuilder.fromUriString(url).build();
        String path = parts.getPath();
        if (path == null || !(path.equals("/app") || path.startsWith("/app/"))) {
            return "/app";
        }
        return parts.getQuery() == null ? path : path + "?" + parts.getQuery();
    }
}
