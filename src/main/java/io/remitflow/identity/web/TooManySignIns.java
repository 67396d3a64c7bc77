package io.remitflow.identity.web;

import org.springframework.security.core.AuthenticationException;

/** Too many wrong passwords in too little time, for this account or from this source; says nothing about either. */
class TooManySignIns extends AuthenticationException {

    private final long retryAfterSeconds;

    TooManySignIns(long retryAfterSeconds) {
        super("too many failed sign-ins");
        this.retryAfterSeconds = retryAfterSeconds;
    }

    long retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
