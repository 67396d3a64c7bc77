package io.remitflow.remittance;

/** Which segments of a file somebody wants to see; asked for each from the first on, so that only those are made text. */
public interface SegmentSelection {

    enum Choice {
        SKIP,
        TAKE,
        /** This segment and all after it are not wanted: the rest of the file is not read. */
        STOP
    }

    Choice choose(long number, String id);

    void take(EraSegment segment);
}
