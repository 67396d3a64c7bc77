package io.remitflow.workflow;

/**
 * Declared by a module whose process, started for a case in whatever state, goes on from there: its workers ask the books,
 * and what was done is not done again.
 */
public interface ResumableProcess {

    String processId();

    /** Whether that is true for this case as it is now. */
    boolean resumes(String businessKey);
}
