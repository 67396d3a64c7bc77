package io.remitflow.identity.web;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.web.embedded.EmbeddedWebServerFactoryCustomizerAutoConfiguration;
import org.springframework.boot.autoconfigure.web.servlet.ServletWebServerFactoryAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;

/** What the server settings of the application make of X-Forwarded-For, in a server that has nothing else. */
class ForwardedHeadersTests {

    @Test
    void f1_theForwardedAddressIsNotBelievedUnlessAProxyIsNamed() throws Exception {
        assertThat(sourceSeenWith()).isEqualTo("127.0.0.1 http");
        assertThat(sourceSeenWith("REMITFLOW_FORWARD_HEADERS=native"))
                .as("no proxy is trusted")
                .isEqualTo("127.0.0.1 http");
        assertThat(sourceSeenWith("REMITFLOW_FORWARD_HEADERS=native", "REMITFLOW_TRUSTED_PROXIES=10\\.0\\.0\\.7"))
                .as("another one is trusted")
                .isEqualTo("127.0.0.1 http");
    }

    @Test
    void f1_behindTheNamedProxyTheSourceIsWhatItForwards() throws Exception {
        assertThat(sourceSeenWith("REMITFLOW_FORWARD_HEADERS=native", "REMITFLOW_TRUSTED_PROXIES=127\\.0\\.0\\.1"))
                .as("of the addresses in the header the last, which the proxy itself wrote")
                .isEqualTo("203.0.113.9 https");
    }

    private static String sourceSeenWith(String... settings) throws Exception {
        var application = new SpringApplicationBuilder(Server.class)
                .web(WebApplicationType.SERVLET)
                .bannerMode(Banner.Mode.OFF);
        try (var context = (ServletWebServerApplicationContext) application.run(arguments(settings));
                var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/"
                            .formatted(context.getWebServer().getPort())))
                    .header("X-Forwarded-For", "198.51.100.1, 203.0.113.9")
                    .header("X-Forwarded-Proto", "https")
                    .build();
            return http.send(request, BodyHandlers.ofString()).body();
        }
    }

    private static String[] arguments(String... settings) {
        var arguments = new String[settings.length + 1];
        arguments[0] = "--server.port=0";
        for (int number = 0; number < settings.length; number++) {
            arguments[number + 1] = "--" + settings[number];
        }
        return arguments;
    }

    @ImportAutoConfiguration({
        ServletWebServerFactoryAutoConfiguration.class,
        EmbeddedWebServerFactoryCustomizerAutoConfiguration.class
    })
    static class Server {

        @Bean
        ServletRegistrationBean<HttpServlet> echo() {
            return new ServletRegistrationBean<>(
                    new HttpServlet() {
                        @Override
                        protected void doGet(HttpServletRequest request, HttpServletResponse response)
                                throws IOException {
                            response.getWriter().write(request.getRemoteAddr() + " " + request.getScheme());
                        }
                    },
                    "/");
        }
    }
}
