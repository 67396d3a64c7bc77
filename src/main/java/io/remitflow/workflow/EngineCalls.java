package io.remitflow.workflow;

import io.camunda.client.api.CamundaFuture;
import io.camunda.client.api.command.ProblemException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What a failed call to the engine means, over gRPC and over REST. */
enum EngineCalls {
    /** The engine has it already, or no longer: the goal of the call is reached. */
    ALREADY_THERE,
    GONE,
    CONFLICT,
    /** Too many requests: try again after a short while. */
    OVERLOADED,
    /** Not reachable, or no answer in time: whether the engine acted is unknown. */
    UNAVAILABLE,
    /** The request itself is wrong; it will never succeed. */
    REFUSED;

    boolean retriable() {
        return this == OVERLOADED || this == UNAVAILABLE;
    }

    static EngineCalls of(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 10; depth++) {
            if (cause instanceof StatusRuntimeException grpc) {
                return of(grpc.getStatus().getCode());
            }
            if (cause instanceof ProblemException problem) {
                return of(problem.code());
            }
            if (cause instanceof IOException || cause instanceof TimeoutException) {
                return UNAVAILABLE;
            }
            cause = cause.getCause();
        }
        return REFUSED;
    }

    private static EngineCalls of(Status.Code code) {
        return switch (code) {
            case ALREADY_EXISTS -> ALREADY_THERE;
            case NOT_FOUND -> GONE;
            case FAILED_PRECONDITION -> CONFLICT;
            case RESOURCE_EXHAUSTED -> OVERLOADED;
            case UNAVAILABLE, DEADLINE_EXCEEDED, ABORTED, CANCELLED, INTERNAL, UNKNOWN -> UNAVAILABLE;
            default -> REFUSED;
        };
    }

    private static EngineCalls of(int httpStatus) {
        return switch (httpStatus) {
            case 404 -> GONE;
            case 409 -> CONFLICT;
            case 429, 503 -> OVERLOADED;
            case 500, 502, 504 -> UNAVAILABLE;
            default -> REFUSED;
        };
    }

    /** Waits for the answer; {@link EngineUnavailable} if there is none, otherwise the client's own exception. */
    static <T> T join(CamundaFuture<T> call) {
        try {
            return call.join();
        } catch (RuntimeException e) {
            if (of(e).retriable()) {
                throw new EngineUnavailable("the process engine does not answer", e);
            }
            throw e;
        }
    }

    /** Code of a failure for logs and tables: never the text, which may quote variables. */
    static String code(@Nullable Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof StatusRuntimeException grpc) {
            return grpc.getStatus().getCode().name();
        }
        if (cause instanceof ProblemException problem) {
            return "HTTP_" + problem.code();
        }
        return cause == null ? "UNKNOWN" : cause.getClass().getSimpleName();
    }
}
