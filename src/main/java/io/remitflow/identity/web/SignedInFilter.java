package io.remitflow.identity.web;

import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.Delegations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.identity.SignIn;
import io.remitflow.identity.SignedIn;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Turns what the session remembers into what the person may do at this moment, and sets their organization.
 *
 * <p>Roles, deactivation and password are read for every request, so a change holds from the next one on. The
 * organization comes from here and from nowhere else: no parameter, header or claim of the request can name another.
 */
class SignedInFilter extends OncePerRequestFilter {

    private static final String BEGUN = SignedInFilter.class.getName() + ".begun";
    private static final String SEEN = SignedInFilter.class.getName() + ".seen";

    /** The request attribute under which the pages find who is signed in. */
    static final String PERSON = "person";

    private final SignIn signIn;
    private final Delegations delegations;
    private final Clock clock;
    private final SignInPolicy policy;

    SignedInFilter(SignIn signIn, Delegations delegations, Clock clock, SignInPolicy policy) {
        this.signIn = signIn;
        this.delegations = delegations;
        this.clock = clock;
        this.policy = policy;
    }

    static void begin(HttpSession session, Instant now) {
        session.setAttribute(BEGUN, now);
        session.setAttribute(SEEN, now);
    }

    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        var authentication = SecurityContextHolder.getContext().getAuthentication();
        if (authentication == null || !(authentication.getPrincipal() instanceof SignedIn signedIn)) {
            chain.doFilter(request, response);
            return;
        }
        var person = signIn.stillSignedIn(signedIn);
        if (person.isEmpty() || timedOut(request)) {
            end(request);
            chain.doFilter(request, response);
            return;
        }
        var context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(new OfThisRequest(signedIn, authentication, person.get(), lentTo(signedIn)));
        SecurityContextHolder.setContext(context);
        request.setAttribute(PERSON, person.get());
        in(signedIn, request, response, chain);
    }

    private Set<Permission> lentTo(SignedIn signedIn) {
        return CurrentOrganization.call(signedIn.organization(), () -> delegations.lentTo(signedIn.userId()));
    }

    private boolean timedOut(HttpServletRequest request) {
        var session = request.getSession(false);
        if (session == null || !(session.getAttribute(BEGUN) instanceof Instant begun)) {
            return false;
        }
        var now = clock.instant();
        var seen = session.getAttribute(SEEN) instanceof Instant time ? time : begun;
        if (Duration.between(begun, now).compareTo(policy.absolute()) > 0
                || Duration.between(seen, now).compareTo(policy.idle()) > 0) {
            return true;
        }
        session.setAttribute(SEEN, now);
        return false;
    }

    private static void end(HttpServletRequest request) {
        var session = request.getSession(false);
        if (session != null) {
            session.invalidate();
        }
        SecurityContextHolder.clearContext();
    }

    private static void in(
            SignedIn signedIn, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        try {
            CurrentOrganization.run(signedIn.organization(), () -> {
                try {
                    chain.doFilter(request, response);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } catch (ServletException e) {
                    throw new Wrapped(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (Wrapped e) {
            throw e.servletException;
        }
    }

    private static class Wrapped extends RuntimeException {

        private final ServletException servletException;

        Wrapped(ServletException e) {
            super(e);
            this.servletException = e;
        }
    }

    /**
     * Never stored in the session. Authorities are the keys of the permissions, those that somebody absent has lent among
     * them, and ROLE_ with the key of each role.
     */
    private static class OfThisRequest extends AbstractAuthenticationToken {

        private final SignedIn principal;

        OfThisRequest(SignedIn principal, Authentication signIn, Person person, Set<Permission> lent) {
            super(authorities(person, lent));
            this.principal = principal;
            setDetails(signIn.getDetails());
            setAuthenticated(true);
        }

        private static Collection<GrantedAuthority> authorities(Person person, Set<Permission> lent) {
            Stream<String> own = person.roles().stream()
                    .flatMap(role -> Stream.concat(
                            Stream.of("ROLE_" + role.key()),
                            role.permissions().stream().map(Permission::key)));
            return Stream.concat(own, lent.stream().map(Permission::key))
                    .distinct()
                    .<GrantedAuthority>map(SimpleGrantedAuthority::new)
                    .toList();
        }

        @Override
        public @Nullable Object getCredentials() {
            return null;
        }

        @Override
        public Object getPrincipal() {
            return principal;
        }
    }
}
