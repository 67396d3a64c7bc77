package io.remitflow.workflow;

import org.jspecify.annotations.Nullable;

/**
 * The version of a decision table that holds for the current organization.
 *
 * @param number of the release, as people count it
 * @param engineId the id under which the engine knows it
 * @param xml to deploy if the engine does not know it; null if it is deployed with the application
 */
public record ReleasedDecision(
        int number, String engineId, @Nullable String xml) {}
