package io.remitflow.payments.gateway;

import com.stripe.exception.ApiConnectionException;
import com.stripe.exception.StripeException;
import com.stripe.net.HttpClient;
import com.stripe.net.HttpContent;
import com.stripe.net.HttpHeaders;
import com.stripe.net.StripeRequest;
import com.stripe.net.StripeResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;

/** The official client over our transport, which knows a deadline for the whole exchange and a limit to the answer. */
final class StripeHttp extends HttpClient {

    private final GatewayHttp http;

    StripeHttp(GatewayHttp http) {
        this.http = http;
    }

    @Override
    public StripeResponse request(StripeRequest request) throws StripeException {
        HttpContent content = request.content();
        var outgoing = HttpRequest.newBuilder(URI.create(request.url().toString()))
                .method(
                        request.method().name(),
                        content == null
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofByteArray(content.byteArrayContent()));
        request.headers().map().forEach((name, values) -> values.forEach(value -> outgoing.header(name, value)));
        outgoing.setHeader("User-Agent", buildUserAgentString(request));
        outgoing.setHeader("X-Stripe-Client-User-Agent", buildXStripeClientUserAgentString());
        if (content != null) {
            outgoing.setHeader("Content-Type", content.contentType());
        }
        try {
            GatewayHttp.Answer answer = http.send(outgoing.build());
            return new StripeResponse(
                    answer.status(),
                    HttpHeaders.of(answer.headers()),
                    new String(answer.body(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new ApiConnectionException("the exchange with Stripe failed", e);
        }
    }
}
