package io.remitflow.checks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the receiving mail server says about the sender of a mail (RFC 8601).
 *
 * <p>Anybody can write such a header into a mail. Only the one that our own server put on top counts, which is the first one
 * that carries its id; what others claim is not looked at.
 *
 * @param proven whether the domain of the sender stands for the mail
 * @param text the results, for a person
 */
record SenderProof(boolean proven, String text) {

    private static final int MAX_TEXT = 300;

    /**
     * @param headers all {@code Authentication-Results}, the topmost first
     * @param authservId of our receiving server
     * @param sender the address in From
     */
    static SenderProof of(List<String> headers, String authservId, String sender) {
        String domain = sender.substring(sender.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
        for (String header : headers) {
            List<String> parts = parts(header);
            String first = parts.isEmpty() ? "" : parts.getFirst().strip().split("\\s+")[0];
            if (!authservId.isBlank() && first.equalsIgnoreCase(authservId)) {
                return judged(results(parts.subList(1, parts.size())), domain);
            }
        }
        return new SenderProof(false, "our mail server said nothing about the sender");
    }

    private static SenderProof judged(List<Result> results, String domain) {
        if (results.isEmpty()) {
            return new SenderProof(false, "our mail server checked nothing");
        }
        StringBuilder text = new StringBuilder();
        results.forEach(result -> text.append(text.isEmpty() ? "" : ", ").append(result.shown()));
        List<Result> dmarc = ofMethod(results, "dmarc");
        boolean proven = dmarc.isEmpty()
                ? ofMethod(results, "spf").stream().anyMatch(result -> result.standsFor(domain))
                        || ofMethod(results, "dkim").stream().anyMatch(result -> result.standsFor(domain))
                : dmarc.stream().allMatch(result -> result.passesFor(domain));
        return new SenderProof(proven, text.substring(0, Math.min(text.length(), MAX_TEXT)));
    }

    private static List<Result> ofMethod(List<Result> results, String method) {
        return results.stream().filter(result -> result.method().equals(method)).toList();
    }

    /** One method, such as {@code spf=pass smtp.mailfrom=example.org}. */
    private record Result(String method, String outcome, Map<String, String> properties) {

        /** DMARC compared the domains itself; a result for another domain is none for this mail. */
        boolean passesFor(String domain) {
            String from = properties.get("header.from");
            return outcome.equals("pass") && (from == null || domainOf(from).equals(domain));
        }

        /** SPF and DKIM prove some domain: it has to be the one of the sender. */
        boolean standsFor(String domain) {
            String proven = method.equals("spf") ? properties.get("smtp.mailfrom") : signer();
            return outcome.equals("pass") && proven != null && domainOf(proven).equals(domain);
        }

        private @Nullable String signer() {
            String signer = properties.get("header.d");
            return signer == null ? properties.get("header.i") : signer;
        }

        String shown() {
            return method + "=" + outcome;
        }

        private static String domainOf(String address) {
            return address.substring(address.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
        }
    }

    private static List<Result> results(List<String> parts) {
        List<Result> results = new ArrayList<>();
        for (String part : parts) {
            String[] words = part.strip().replaceAll("\\s*=\\s*", "=").split("\\s+");
            String[] first = words[0].split("=", 2);
            if (first.length < 2 || first[0].isEmpty()) {
                continue;
            }
            Map<String, String> properties = new TreeMap<>();
            for (int i = 1; i < words.length; i++) {
                String[] property = words[i].split("=", 2);
                if (property.length == 2) {
                    properties.putIfAbsent(property[0].toLowerCase(Locale.ROOT), property[1]);
                }
            }
            String method = first[0].toLowerCase(Locale.ROOT);
            int version = method.indexOf('/');
            results.add(new Result(
                    version < 0 ? method : method.substring(0, version),
                    first[1].toLowerCase(Locale.ROOT),
                    properties));
        }
        return results;
    }

    /** Split at semicolons, outside of quotes; comments, which may be nested, are left out. */
    private static List<String> parts(String header) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        int depth = 0;
        boolean quoted = false;
        for (int i = 0; i < header.length(); i++) {
            char letter = header.charAt(i);
            if (letter == '\\' && (quoted || depth > 0)) {
                i++;
            } else if (depth == 0 && letter == '"') {
                quoted = !quoted;
            } else if (!quoted && letter == '(') {
                depth++;
            } else if (!quoted && letter == ')' && depth > 0) {
                depth--;
            } else if (depth == 0 && !quoted && letter == ';') {
                parts.add(part.toString());
                part.setLength(0);
            } else if (depth == 0) {
                part.append(quoted && (Character.isWhitespace(letter) || letter == '=') ? '_' : letter);
            }
        }
        parts.add(part.toString());
        return parts;
    }
}
