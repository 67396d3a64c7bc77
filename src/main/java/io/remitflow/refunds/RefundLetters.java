package io.remitflow.refunds;

import io.remitflow.core.Ids;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.workflow.Timeline;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Letters to patients about refunds: written down in the transaction of what they tell, sent later by
 * {@link RefundMail}. A mail server that is down delays letters and nothing else.
 */
@Service
@Transactional
class RefundLetters {

    /** After so many failures a person has to look; by then two days have passed. */
    static final int ATTEMPTS = 12;

    static final String DUE = "select from refund_letters where state = 'waiting'";

    private static final Duration LEASE = Duration.ofMinutes(5);
    private static final Duration LONGEST_PAUSE = Duration.ofHours(8);

    private final JdbcClient jdbc;
    private final RefundRows refunds;
    private final Timeline timeline;
    private final Clock clock;

    RefundLetters(JdbcClient jdbc, RefundRows refunds, Timeline timeline, Clock clock) {
        this.jdbc = jdbc;
        this.refunds = refunds;
        this.timeline = timeline;
        this.clock = clock;
    }

    enum Kind {
        COMPLETED,
        RETURNED;

        String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    record Letter(UUID id, Kind kind, Refund refund, int attempts) {}

    /** Once per refund and kind, and only where the patient reads mail. */
    @Transactional(propagation = Propagation.MANDATORY)
    void write(Refund refund, Kind kind) {
        jdbc.sql("""
                        insert into refund_letters (org_id, id, refund_id, kind, state, next_attempt_at, created_at)
                        select :org, :id, :refund, :kind, 'waiting', now(), now()
                        where exists (select from billing_patient_contacts where account_id = :account)
                        on conflict do nothing
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", Ids.next())
                .param("refund", refund.id())
                .param("kind", kind.key())
                .param("account", refund.accountId())
                .update();
    }

    /** Takes what is due for a while by the clock of the database: another instance of the application takes other letters. */
    List<Letter> take(int limit) {
        return jdbc.sql("""
                        update refund_letters set attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => :lease)
                        where id in (select id from refund_letters where state = 'waiting' and next_attempt_at <= now()
                                     order by created_at limit :limit for no key update skip locked)
                        returning id, kind, refund_id, attempts
                        """)
                .param("lease", LEASE.toSeconds())
                .param("limit", limit)
                .query((row, index) -> new Letter(
                        row.getObject("id", UUID.class),
                        Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                        refunds.get(row.getObject("refund_id", UUID.class)),
                        row.getInt("attempts")))
                .list();
    }

    void sent(Letter letter) {
        jdbc.sql("update refund_letters set state = 'sent', sent_at = :now, last_error = null where id = :id")
                .param("now", Timestamp.from(clock.instant()))
                .param("id", letter.id())
                .update();
        timeline.add(
                Refunds.SUBJECT,
                letter.refund().id(),
                "Letter sent",
                "By mail, as refund " + letter.kind().key());
    }

    /** @param error names the failure without its text, which may hold an address */
    void failed(Letter letter, String error) {
        boolean parked = letter.attempts() >= ATTEMPTS;
        jdbc.sql("""
                        update refund_letters set state = :state, last_error = :error, next_attempt_at = now() + make_interval(secs => :pause)
                        where id = :id
                        """)
                .param("state", parked ? "parked" : "waiting")
                .param("error", error)
                .param("pause", pause(letter.attempts()).toSeconds())
                .param("id", letter.id())
                .update();
        if (parked) {
            timeline.add(
                    Refunds.SUBJECT,
                    letter.refund().id(),
                    "Letter not sent",
                    "The mail server refused it again and again: tell the patient in another way");
        }
    }

    private static Duration pause(int attempts) {
        Duration pause = Duration.ofMinutes(1L << Math.min(attempts, 10));
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }
}
