package io.remitflow.rules;

import io.remitflow.identity.UserId;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A table on its way into force.
 *
 * @param editors all who worked on the draft; with whoever requested it they cannot approve it
 * @param effectiveFrom null for at once
 * @param replayed what the replay said when the release was requested
 * @param levels roles that must approve, null while the rule was not asked
 * @param releaseNumber the version it became
 */
public record ReleaseRequest(
        UUID id,
        String number,
        String decisionId,
        Release.Source source,
        @Nullable Integer copiedFrom,
        int basedOn,
        String xml,
        String why,
        @Nullable Instant effectiveFrom,
        List<UserId> editors,
        Replayed replayed,
        State state,
        @Nullable List<String> levels,
        @Nullable String approvalReason,
        UserId requestedBy,
        Instant requestedAt,
        @Nullable Instant decidedAt,
        @Nullable Integer releaseNumber) {

    /** Where a request stands. */
    public enum State {
        REQUESTED,
        APPROVED,
        RELEASED,
        REJECTED,
        WITHDRAWN;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        static State ofKey(String key) {
            return valueOf(key.toUpperCase(Locale.ROOT));
        }
    }

    /** The figures of a {@link Replay}; the amount in minor units of the organization's currency. */
    public record Replayed(
            int months,
            int decisions,
            int changed,
            int approvalsAdded,
            int approvalsSkipped,
            long affectedMinor,
            int otherCurrency) {

        static Replayed of(Replay replay) {
            return new Replayed(
                    replay.months(),
                    replay.decisions(),
                    replay.changed(),
                    replay.approvalsAdded(),
                    replay.approvalsSkipped(),
                    replay.affected().getAmountMinorLong(),
                    replay.otherCurrency());
        }

        public String inWords() {
            return "%,d of %,d decisions of %d months otherwise, %,d approvals added, %,d skipped"
                            .formatted(changed, decisions, months, approvalsAdded, approvalsSkipped)
                    + (otherCurrency == 0 ? "" : ", %,d in another currency".formatted(otherCurrency));
        }
    }

    public DecisionTable table() {
        return DecisionTable.read(xml);
    }
}
