package io.remitflow.workflow;

/**
 * What a worker needs is on its way, for example the record of a completed task: the job is repeated soon without using up
 * a retry.
 */
public class NotYet extends RuntimeException {

    /** @param what without names or ids of patients */
    public NotYet(String what) {
        super(what);
    }
}
