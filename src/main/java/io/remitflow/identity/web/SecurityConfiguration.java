package io.remitflow.identity.web;

import io.remitflow.identity.Delegations;
import io.remitflow.identity.SignIn;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.config.annotation.authentication.builders.AuthenticationManagerBuilder;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;
import org.springframework.security.web.authentication.logout.HeaderWriterLogoutHandler;
import org.springframework.security.web.context.NullSecurityContextRepository;
import org.springframework.security.web.header.writers.ClearSiteDataHeaderWriter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.util.matcher.AnyRequestMatcher;

/**
 * Who may reach which path. Four chains, tried in this order; what none of them names does not exist.
 *
 * <ol>
 *   <li>webhooks and the daily trigger: no sign-in, the module checks the signature or the token of the sender
 *   <li>REST: HTTP Basic with every request; no cookie is accepted, hence no CSRF token is needed
 *   <li>pages: form sign-in or an identity provider, session, CSRF token
 *   <li>everything else: 404, except for the health of the application
 * </ol>
 *
 * <p>Which permission a path needs is said where the path is handled.
 */
@Configuration(proxyBeanMethods = false)
@EnableWebSecurity
@EnableMethodSecurity
@EnableConfigurationProperties(SignInPolicy.class)
class SecurityConfiguration {

    private static final String CONTENT_SECURITY_POLICY = String.join(
            "; ",
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            // The process viewer draws with style attributes; style elements stay forbidden.
            "style-src-attr 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'");

    @Bean
    PasswordSignIn passwordSignIn(SignIn signIn, SignInThrottle throttle, SignInRecord record) {
        return new PasswordSignIn(signIn, throttle, record);
    }

    @Bean
    AuthenticationManager authenticationManager(PasswordSignIn passwords) {
        return new ProviderManager(passwords);
    }

    @Bean
    @Order(1)
    SecurityFilterChain webhooks(HttpSecurity http) throws Exception {
        stateless(
                http,
                "/billing/payments/webhooks/**",
                "/billing/claims/webhooks/**",
                "/billing/reconciliation/runs/daily");
        http.authorizeHttpRequests(paths -> paths.requestMatchers(HttpMethod.POST, "/**")
                .permitAll()
                .anyRequest()
                .denyAll());
        http.exceptionHandling(errors -> errors.authenticationEntryPoint(SecurityConfiguration::nothingHere)
                .accessDeniedHandler(SecurityConfiguration::nothingHere));
        return http.build();
    }

    @Bean
    @Order(2)
    SecurityFilterChain rest(
            HttpSecurity http,
            AuthenticationManager manager,
            SignIn signIn,
            Delegations delegations,
            Clock clock,
            SignInPolicy policy)
            throws Exception {
        stateless(http, "/billing/**", "/accounting/**", "/v3/api-docs", "/v3/api-docs/**", "/v3/api-docs.yaml");
        http.authenticationManager(manager);
        http.httpBasic(basic -> basic.authenticationEntryPoint(SecurityConfiguration::askForPassword));
        http.authorizeHttpRequests(paths -> paths.anyRequest().authenticated());
        http.addFilterBefore(new SignedInFilter(signIn, delegations, clock, policy), AuthorizationFilter.class);
        http.exceptionHandling(errors -> errors.authenticationEntryPoint(SecurityConfiguration::askForPassword)
                .accessDeniedHandler((request, response, e) ->
                        problem(response, HttpServletResponse.SC_FORBIDDEN, "not-permitted", "You may not do this")));
        return http.build();
    }

    @Bean
    @Order(3)
    SecurityFilterChain pages(
            HttpSecurity http,
            PasswordSignIn passwords,
            SignIn signIn,
            Delegations delegations,
            SignInRecord record,
            Clock clock,
            SignInPolicy policy,
            ObjectProvider<ClientRegistrationRepository> providers)
            throws Exception {
        http.securityMatcher(
                "/",
                "/app",
                "/app/**",
                "/sign-in",
                "/sign-out",
                "/oauth2/authorization/*",
                "/login/oauth2/code/*",
                "/css/**",
                "/js/**",
                "/img/**",
                "/webjars/**");
        headers(http);
        // A manager of this chain's own, beside whose passwords the identity providers find their place.
        http.getSharedObject(AuthenticationManagerBuilder.class).parentAuthenticationManager(null);
        http.authenticationProvider(passwords);
        http.authorizeHttpRequests(
                paths -> paths.requestMatchers("/sign-in", "/oauth2/authorization/*", "/login/oauth2/code/*")
                        .permitAll()
                        .requestMatchers(HttpMethod.GET, "/css/**", "/js/**", "/img/**", "/webjars/**")
                        .permitAll()
                        .requestMatchers("/", "/app", "/app/**", "/sign-out")
                        .authenticated()
                        .anyRequest()
                        .denyAll());
        var success = new SignInSuccess(clock, record, signIn, policy);
        http.formLogin(form -> form.loginPage("/sign-in")
                .loginProcessingUrl("/sign-in")
                .authenticationDetailsSource(SignInDetails::new)
                .failureHandler(new SignInFailure())
                .successHandler(success));
        http.logout(logout -> logout.logoutUrl("/sign-out")
                .logoutSuccessUrl("/sign-in?bye")
                .addLogoutHandler(new HeaderWriterLogoutHandler(new ClearSiteDataHeaderWriter(
                        ClearSiteDataHeaderWriter.Directive.CACHE, ClearSiteDataHeaderWriter.Directive.STORAGE))));
        providers.ifAvailable(registrations -> oidc(http, new ProviderSignIn(signIn, policy), success));
        http.addFilterBefore(new SignedInFilter(signIn, delegations, clock, policy), AuthorizationFilter.class);
        var toSignIn = new LoginUrlAuthenticationEntryPoint("/sign-in");
        toSignIn.setFavorRelativeUris(true);
        http.exceptionHandling(errors -> errors.authenticationEntryPoint((request, response, e) -> {
            if (request.getHeader("HX-Request") != null) {
                response.setHeader("HX-Redirect", "/sign-in?ended");
                response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
            } else {
                toSignIn.commence(request, response, e);
            }
        }));
        return http.build();
    }

    @Bean
    @Order(4)
    SecurityFilterChain nothingElse(HttpSecurity http) throws Exception {
        stateless(http, "/**");
        http.authorizeHttpRequests(paths -> paths.requestMatchers(HttpMethod.GET, "/actuator/health/**")
                .permitAll()
                .requestMatchers(request -> request.getDispatcherType() == jakarta.servlet.DispatcherType.ERROR)
                .permitAll()
                .anyRequest()
                .denyAll());
        http.exceptionHandling(errors -> errors.authenticationEntryPoint(SecurityConfiguration::nothingHere)
                .accessDeniedHandler(SecurityConfiguration::nothingHere));
        return http.build();
    }

    private static void oidc(HttpSecurity http, ProviderSignIn people, SignInSuccess success) {
        try {
            http.oauth2Login(login -> login.loginPage("/sign-in")
                    .userInfoEndpoint(endpoint -> endpoint.oidcUserService(people))
                    .failureHandler(new SignInFailure())
                    .successHandler(success));
        } catch (Exception e) {
            throw new IllegalStateException("sign-in by identity provider could not be set up", e);
        }
    }

    private static void stateless(HttpSecurity http, String... paths) throws Exception {
        http.securityMatcher(paths);
        headers(http);
        http.csrf(AbstractHttpConfigurer::disable);
        http.requestCache(AbstractHttpConfigurer::disable);
        http.logout(AbstractHttpConfigurer::disable);
        http.sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS));
        http.securityContext(context -> context.securityContextRepository(new NullSecurityContextRepository()));
    }

    private static void headers(HttpSecurity http) throws Exception {
        http.headers(headers -> headers.contentSecurityPolicy(csp -> csp.policyDirectives(CONTENT_SECURITY_POLICY))
                .httpStrictTransportSecurity(hsts -> hsts.requestMatcher(AnyRequestMatcher.INSTANCE)
                        .includeSubDomains(true)
                        .maxAgeInSeconds(31_536_000))
                .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.SAME_ORIGIN))
                .frameOptions(frame -> frame.deny()));
    }

    private static void askForPassword(HttpServletRequest request, HttpServletResponse response, Exception e)
            throws IOException {
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Basic realm=\"Remitflow\", charset=\"UTF-8\"");
        if (e instanceof TooManySignIns tooMany) {
            response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(tooMany.retryAfterSeconds()));
            problem(response, 429, "too-many-sign-ins", "Sign-in failed");
        } else {
            problem(response, HttpServletResponse.SC_UNAUTHORIZED, "sign-in-needed", "Sign-in failed");
        }
    }

    private static void nothingHere(HttpServletRequest request, HttpServletResponse response, Exception e)
            throws IOException {
        problem(response, HttpServletResponse.SC_NOT_FOUND, "not-found", "There is nothing here");
    }

    static void problem(HttpServletResponse response, int status, String code, String detail) throws IOException {
        response.setStatus(status);
        response.setContentType("application/problem+json");
        response.setCharacterEncoding(StandardCharsets.UTF_8.name());
        response.getWriter()
                .write("{\"type\":\"about:blank\",\"status\":%d,\"title\":\"%s\",\"detail\":\"%s\",\"code\":\"%s\"}"
                        .formatted(status, title(status), detail, code));
    }

    private static String title(int status) {
        var known = org.springframework.http.HttpStatus.resolve(status);
        return known == null ? "Error" : known.getReasonPhrase();
    }
}
