package io.remitflow.claims;

import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Secrets;
import io.remitflow.identity.UserId;
import io.remitflow.receivables.PatientAccounts;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** Questions whether a patient is covered; question and answer are kept encrypted, and neither is logged. */
@Service
public class EligibilityChecks {

    private static final Logger log = LoggerFactory.getLogger(EligibilityChecks.class);
    private static final String HEALTH_PLAN = "30";
    private static final int SHOWN = 10;
    private static final String SELECT = """
            select e.*, p.name as payer_name from claims_eligibility_checks e
            join billing_payers p on p.org_id = e.org_id and p.id = e.payer_id
            """;

    private final ClaimMd claimMd;
    private final SubmissionRows rows;
    private final InsuranceRows insurances;
    private final Payers payers;
    private final PatientAccounts accounts;
    private final Organizations organizations;
    private final Secrets secrets;
    private final AuditLog audit;
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;

    EligibilityChecks(
            ClaimMd claimMd,
            SubmissionRows rows,
            InsuranceRows insurances,
            Payers payers,
            PatientAccounts accounts,
            Organizations organizations,
            Secrets secrets,
            AuditLog audit,
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock clock) {
        this.claimMd = claimMd;
        this.rows = rows;
        this.insurances = insurances;
        this.payers = payers;
        this.accounts = accounts;
        this.organizations = organizations;
        this.secrets = secrets;
        this.audit = audit;
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.clock = clock;
    }

    /** How a question is put: with the fields of the clearinghouse's form, or as an X12 270. */
    public enum Form {
        FORM,
        X12;

        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Asks now, about today; the check is kept also if no answer comes. */
    public Check ask(UUID accountId, UUID payerId, Form form) {
        UUID id = Ids.next();
        LocalDate today = organizations.today();
        Asked asked = Objects.requireNonNull(transaction.execute(status -> {
            var question = question(accountId, payerId, today);
            var written = new Asked(fields(question), form == Form.X12 ? file(id, question) : null);
            insert(id, accountId, payerId, today, form, written);
            audit.record(
                    "claims.eligibility-asked",
                    "patient-account",
                    accountId.toString(),
                    Map.of("check", id.toString()));
            return written;
        }));
        String state;
        String summary;
        byte @Nullable [] answer = null;
        try {
            var eligibility = asked.file() == null
                    ? claimMd.eligibility(asked.fields())
                    : claimMd.eligibility(id + ".270", asked.file().getBytes(StandardCharsets.US_ASCII));
            state = eligibility.coverage().name().toLowerCase(Locale.ROOT);
            summary = eligibility.summary();
            answer = secrets.encrypt(new String(eligibility.document(), StandardCharsets.UTF_8));
        } catch (ClaimMd.Fault e) {
            log.warn("Eligibility check {} failed: {}", id, e.getMessage());
            state = "failed";
            summary = Objects.requireNonNullElse(e.getMessage(), "no answer");
        }
        String ended = state;
        String said = summary;
        byte @Nullable [] kept = answer;
        return Objects.requireNonNull(transaction.execute(status -> {
            jdbc.sql("""
                            update claims_eligibility_checks set state = :state, summary = :summary, answer = :answer,
                                answered_at = :now
                            where id = :id
                            """)
                    .param("state", ended)
                    .param("summary", said)
                    .param("answer", kept)
                    .param("now", now())
                    .param("id", id)
                    .update();
            return get(id);
        }));
    }

    public Check get(UUID id) {
        return Objects.requireNonNull(transaction.execute(status -> jdbc.sql(SELECT + "where e.id = :id")
                .param("id", id)
                .query(EligibilityChecks::check)
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("this eligibility check"))));
    }

    /** The newest first. */
    public List<Check> recent(int limit) {
        return Objects.requireNonNull(
                transaction.execute(status -> jdbc.sql(SELECT + "order by e.requested_at desc, e.id desc limit :limit")
                        .param("limit", limit)
                        .query(EligibilityChecks::check)
                        .list()));
    }

    /** Newest first. */
    public List<Check> ofAccount(UUID accountId) {
        return Objects.requireNonNull(transaction.execute(status -> {
            accounts.get(accountId);
            return jdbc.sql(SELECT
                            + "where e.account_id = :account order by e.requested_at desc, e.id desc limit :limit")
                    .param("account", accountId)
                    .param("limit", SHOWN)
                    .query(EligibilityChecks::check)
                    .list();
        }));
    }

    /** The payers that can be asked about this patient. */
    public List<Payer> askable(UUID accountId) {
        return Objects.requireNonNull(transaction.execute(status -> insurances.ofAccount(accountId).stream()
                .map(Insurance::payerId)
                .filter(payer -> rows.route(payer).isPresent())
                .map(payers::get)
                .toList()));
    }

    private EligibilityFile.Question question(UUID accountId, UUID payerId, LocalDate day) {
        accounts.get(accountId);
        var payer = payers.get(payerId);
        return new EligibilityFile.Question(
                rows.provider().orElseThrow(() -> missing("a billing provider")),
                insurances.subscriber(accountId, payerId).orElseThrow(() -> missing("the patient's insurance")),
                payer.name(),
                rows.route(payerId).orElseThrow(() -> missing("the payer's Claim.MD payer id")),
                day,
                HEALTH_PLAN);
    }

    private String file(UUID id, EligibilityFile.Question question) {
        return EligibilityFile.write(
                Math.floorMod(id.hashCode(), 999_999_999) + 1,
                id.toString(),
                LocalDateTime.ofInstant(clock.instant(), ZoneOffset.UTC),
                question);
    }

    private static Map<String, String> fields(EligibilityFile.Question question) {
        var subscriber = question.subscriber();
        var fields = new LinkedHashMap<String, String>();
        fields.put("ins_name_l", subscriber.familyName());
        fields.put("ins_name_f", subscriber.givenName());
        fields.put("payerid", question.payerRoute());
        fields.put("pat_rel", "18");
        fields.put("fdos", question.serviceDate().format(X12Text.DAY));
        fields.put("prov_npi", question.provider().npi());
        fields.put("prov_taxid", question.provider().taxId());
        fields.put("ins_number", subscriber.memberId());
        fields.put("ins_dob", subscriber.birthDate().format(X12Text.DAY));
        fields.put("ins_sex", subscriber.sex());
        fields.put("service_code", question.serviceType());
        return fields;
    }

    private void insert(UUID id, UUID accountId, UUID payerId, LocalDate day, Form form, Asked question) {
        jdbc.sql("""
                        insert into claims_eligibility_checks (org_id, id, account_id, payer_id, service_date, service_type, state,
                            asked_as, request, requested_by, requested_at)
                        values (:org, :id, :account, :payer, :day, :type, 'asked', :form, :request, :by, :now)
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("id", id)
                .param("account", accountId)
                .param("payer", payerId)
                .param("day", day)
                .param("type", HEALTH_PLAN)
                .param("form", form.key())
                .param(
                        "request",
                        secrets.encrypt(
                                question.file() == null ? question.fields().toString() : question.file()))
                .param("by", CurrentUser.find().map(UserId::value).orElse(null), Types.OTHER)
                .param("now", now())
                .update();
    }

    private OffsetDateTime now() {
        return clock.instant().atOffset(ZoneOffset.UTC);
    }

    private static RuleViolation missing(String what) {
        return new RuleViolation(Refusal.INVALID_INPUT, "An eligibility check needs " + what);
    }

    /** @param file the 270, null if the form is used */
    private record Asked(
            Map<String, String> fields, @Nullable String file) {}

    private static Check check(ResultSet row, int number) throws SQLException {
        OffsetDateTime answered = row.getObject("answered_at", OffsetDateTime.class);
        return new Check(
                row.getObject("id", UUID.class),
                row.getObject("account_id", UUID.class),
                row.getObject("payer_id", UUID.class),
                row.getString("payer_name"),
                row.getObject("service_date", LocalDate.class),
                Form.valueOf(row.getString("asked_as").toUpperCase(Locale.ROOT)),
                row.getString("state"),
                row.getString("summary"),
                row.getObject("requested_at", OffsetDateTime.class).toInstant(),
                answered == null ? null : answered.toInstant());
    }

    /** @param state asked, covered, not_covered, unclear or failed */
    public record Check(
            UUID id,
            UUID accountId,
            UUID payerId,
            String payer,
            LocalDate serviceDate,
            Form askedAs,
            String state,
            @Nullable String summary,
            Instant requestedAt,
            @Nullable Instant answeredAt) {}
}
