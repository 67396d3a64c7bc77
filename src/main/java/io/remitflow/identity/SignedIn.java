package io.remitflow.identity;

/** What a session remembers of a person. Name, roles and permissions are not here: they are read for every request. */
public interface SignedIn {

    UserId userId();

    OrganizationId organization();

    /** Ends the session as soon as it differs from the one stored with the person. */
    int sessionEpoch();
}
