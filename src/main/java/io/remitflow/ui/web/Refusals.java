package io.remitflow.ui.web;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.BooksAway;
import io.remitflow.workflow.EngineUnavailable;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.ConstraintViolationException;
import java.net.URI;
import java.util.Map;
import java.util.UUID;
import org.apache.catalina.connector.ClientAbortException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.validation.BindException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.multipart.MaxUploadSizeExceededException;
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.servlet.FlashMap;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.support.RequestContextUtils;

/**
 * The one place where a refusal or a fault becomes an answer: a message on a page, a problem detail (RFC 9457) over REST.
 *
 * <p>The text of a {@link RuleViolation} is written for people. No other exception's text reaches anyone: a fault shows
 * a reference under which the log has the rest.
 */
@ControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class Refusals {

    private static final Logger log = LoggerFactory.getLogger(Refusals.class);
    static final int RETRY_AFTER_SECONDS = 5;

    /** A commit whose answer was lost may have happened. */
    static final String BOOKS_ARE_AWAY =
            "The books cannot be reached at the moment. Try again in a moment; look first whether "
                    + "it was done, or repeat it with the same Idempotency-Key.";

    @ExceptionHandler
    @Nullable Object answer(Exception e, HttpServletRequest request, HttpServletResponse response) {
        if (response.isCommitted()
                || e instanceof ClientAbortException
                || e instanceof AsyncRequestNotUsableException) {
            return null;
        }
        var answer = answerTo(e, request);
        if (answer.status() == HttpStatus.SERVICE_UNAVAILABLE.value()) {
            response.setHeader(HttpHeaders.RETRY_AFTER, Integer.toString(RETRY_AFTER_SECONDS));
        }
        return isPage(request) ? page(answer, request, response) : problem(answer, e, request);
    }

    private static Answer answerTo(Exception e, HttpServletRequest request) {
        if (e instanceof RuleViolation refused) {
            return new Answer(refused.refusal().httpStatus(), refused.code(), String.valueOf(e.getMessage()), null);
        }
        if (e instanceof AccessDeniedException) {
            return denied(request);
        }
        if (e instanceof MaxUploadSizeExceededException) {
            return new Answer(413, Refusal.FILE_TOO_LARGE.code(), "The file is larger than what is accepted", null);
        }
        if (e instanceof ErrorResponse standard && standard.getStatusCode().is4xxClientError()) {
            return standard(standard);
        }
        if (e instanceof HttpMessageNotReadableException || e instanceof MultipartException) {
            return invalid("The body of the request cannot be read");
        }
        if (e instanceof TypeMismatchException || e instanceof BindException) {
            return invalid("A value of the request has the wrong form");
        }
        if (e instanceof ConstraintViolationException) {
            return invalid("A value of the request is out of bounds");
        }
        if (e instanceof EngineUnavailable) {
            return unavailable(
                    e, "The process engine does not answer at the moment; nothing was changed. Try again in a moment.");
        }
        if (booksAreAway(e)) {
            return unavailable(e, BOOKS_ARE_AWAY);
        }
        return fault(e, request);
    }

    /** Here also a lock that was not got in time: whoever waits at a page tries again. */
    static boolean booksAreAway(Throwable thrown) {
        for (Throwable e = thrown; e != null; e = e.getCause()) {
            if (e instanceof TransientDataAccessException) {
                return true;
            }
        }
        return BooksAway.causes(thrown);
    }

    private static Answer denied(HttpServletRequest request) {
        log.warn("not permitted: {} {}", request.getMethod(), safe(request.getRequestURI()));
        return new Answer(403, Refusal.NOT_PERMITTED.code(), "None of your roles may do this", null);
    }

    private static Answer standard(ErrorResponse response) {
        int status = response.getStatusCode().value();
        return switch (status) {
            case 404 -> new Answer(404, Refusal.NOT_FOUND.code(), "It does not exist, or it is not yours to see", null);
            case 405 -> new Answer(405, "method-not-allowed", "This cannot be done to this address", null);
            case 406 -> new Answer(406, "not-acceptable", "The answer cannot be given in the form asked for", null);
            case 415 -> new Answer(415, "unsupported-media-type", "The body has a form that is not understood", null);
            default ->
                new Answer(status, Refusal.INVALID_INPUT.code(), "The request is not complete or not valid", null);
        };
    }

    private static Answer invalid(String detail) {
        return new Answer(400, Refusal.INVALID_INPUT.code(), detail, null);
    }

    private static Answer unavailable(Exception e, String detail) {
        log.warn("unavailable: {}", e.getClass().getSimpleName());
        return new Answer(503, "unavailable", detail, null);
    }

    private static Answer fault(Exception e, HttpServletRequest request) {
        String reference = UUID.randomUUID().toString();
        log.error("fault {} at {} {}", reference, request.getMethod(), safe(request.getRequestURI()), e);
        return new Answer(500, "fault", "Something went wrong on our side; nothing was changed.", reference);
    }

    static boolean isPage(HttpServletRequest request) {
        String path = request.getRequestURI();
        return path.equals("/")
                || path.equals("/app")
                || path.startsWith("/app/")
                || path.startsWith("/portal/")
                || path.equals("/sign-in");
    }

    /** A refused form leads back to where it was sent from, with the message; everything else gets a page of its own. */
    private static Object page(Answer answer, HttpServletRequest request, HttpServletResponse response) {
        if (request.getHeader("HX-Request") != null) {
            response.setHeader("HX-Retarget", "#rf-messages");
            response.setHeader("HX-Reswap", "innerHTML");
            var fragment = new ModelAndView("ui/refusal", Map.of("refusal", answer.detail()));
            fragment.setStatus(HttpStatus.valueOf(answer.status()));
            return fragment;
        }
        String back = back(request);
        if (HttpMethod.POST.matches(request.getMethod()) && back != null && answer.leadsBack()) {
            var flash = new FlashMap();
            flash.put("refusal", answer.detail());
            var manager = RequestContextUtils.getFlashMapManager(request);
            if (manager != null) {
                flash.setTargetRequestPath(URI.create(back).getPath());
                manager.saveOutputFlashMap(flash, request, response);
            }
            return new ModelAndView("redirect:" + back);
        }
        var page = new ModelAndView("ui/error", answer.model());
        page.setStatus(HttpStatus.valueOf(answer.status()));
        return page;
    }

    /** Only path and query of a page of ours, whatever host the header names. */
    private static @Nullable String back(HttpServletRequest request) {
        String referer = request.getHeader(HttpHeaders.REFERER);
        if (referer == null) {
            return null;
        }
        try {
            var uri = URI.create(referer);
            String path = uri.getRawPath();
            if (path == null || !(path.equals("/app") || path.startsWith("/app/"))) {
                return null;
            }
            return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static ResponseEntity<ProblemDetail> problem(Answer answer, Exception e, HttpServletRequest request) {
        var problem = ProblemDetail.forStatusAndDetail(HttpStatus.valueOf(answer.status()), answer.detail());
        problem.setInstance(URI.create(request.getRequestURI()));
        problem.setProperty("code", answer.code());
        if (answer.reference() != null) {
            problem.setProperty("reference", answer.reference());
        }
        var response = ResponseEntity.status(answer.status()).contentType(MediaType.APPLICATION_PROBLEM_JSON);
        if (e instanceof ErrorResponse standard) {
            standard.getHeaders().forEach((name, values) -> response.header(name, values.toArray(String[]::new)));
        }
        return response.body(problem);
    }

    /** One line, whatever was asked for. */
    private static String safe(String path) {
        String line = path.replaceAll("[^\\x21-\\x7E]", "?");
        return line.length() > 200 ? line.substring(0, 200) : line;
    }

    private record Answer(
            int status,
            String code,
            String detail,
            @Nullable String reference) {

        boolean leadsBack() {
            return status != 404 && status < 500 || status == 503;
        }

        Map<String, Object> model() {
            String title = switch (status) {
                case 403 -> "You may not do this";
                case 404 -> "There is nothing here";
                case 503 -> "Not available at the moment";
                default -> status < 500 ? "This was refused" : "Something went wrong";
            };
            return reference == null
                    ? Map.of("status", status, "title", title, "detail", detail)
                    : Map.of("status", status, "title", title, "detail", detail, "reference", reference);
        }
    }
}
