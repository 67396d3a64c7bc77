package io.remitflow.identity.web;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.server.Cookie.SameSite;
import org.springframework.security.web.authentication.WebAuthenticationDetails;

/**
 * Where a sign-in comes from, and in whose name this browser was signed in before: a cookie for each of them, which proves
 * that and opens nothing.
 */
class SignInDetails extends WebAuthenticationDetails {

    private static final String PREFIX = "known-";
    private static final int LONGEST_TOKEN = 200;

    private final transient Map<String, String> devices = new HashMap<>();

    SignInDetails(HttpServletRequest request) {
        super(request);
        Cookie[] cookies = request.getCookies();
        if (cookies != null) {
            for (var cookie : cookies) {
                if (cookie.getName().startsWith(PREFIX) && cookie.getValue().length() <= LONGEST_TOKEN) {
                    devices.put(cookie.getName(), cookie.getValue());
                }
            }
        }
    }

    @Nullable String device(String signInName) {
        return devices.get(cookieName(signInName));
    }

    static void know(
            HttpServletRequest request, HttpServletResponse response, String signInName, String token, Duration age) {
        var cookie = new Cookie(cookieName(signInName), token);
        cookie.setPath("/sign-in");
        cookie.setHttpOnly(true);
        cookie.setSecure(request.isSecure()
                || request.getServletContext().getSessionCookieConfig().isSecure());
        cookie.setMaxAge(Math.toIntExact(age.toSeconds()));
        cookie.setAttribute("SameSite", SameSite.LAX.attributeValue());
        response.addCookie(cookie);
    }

    private static String cookieName(String signInName) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(signInName.getBytes(StandardCharsets.UTF_8));
            return PREFIX + HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
