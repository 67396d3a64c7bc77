package io.remitflow.workflow;

import java.util.Optional;

/** Knows which version of a decision table holds; the module that releases tables implements it. */
public interface ReleasedDecisions {

    /** Of the current organization at this moment; empty if it never had one, then the packaged table holds. */
    Optional<ReleasedDecision> inForce(String decisionId);
}
