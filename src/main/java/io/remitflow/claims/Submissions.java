package io.remitflow.claims;

import io.remitflow.claims.SubmissionDetails.Form;
import io.remitflow.core.Ids;
import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.AuditLog;
import io.remitflow.identity.NumberSeries;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Claims on their way to payers: made ready, put into files, sent, acknowledged or rejected. */
@Service
@Transactional
public class Submissions {

    private static final int SHOWN = 200;
    private static final List<String> STATES = List.of("ready", "batched", "sent", "accepted", "rejected");

    private final SubmissionRows rows;
    private final InsuranceRows insurances;
    private final SecondaryClaims secondaries;
    private final Claims claims;
    private final Payers payers;
    private final NumberSeries numbers;
    private final AuditLog audit;
    private final Clock clock;

    Submissions(
            SubmissionRows rows,
            InsuranceRows insurances,
            SecondaryClaims secondaries,
            Claims claims,
            Payers payers,
            NumberSeries numbers,
            AuditLog audit,
            Clock clock) {
        this.rows = rows;
        this.insurances = insurances;
        this.secondaries = secondaries;
        this.claims = claims;
        this.payers = payers;
        this.numbers = numbers;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Makes a claim ready to be sent, a rejected one so that it is sent once more. It goes to the payer of the claim, or to the
     * next payer of the patient where the payers before have answered.
     */
    public void prepare(UUID claimId, SubmissionDetails details) {
        Claim claim = claims.get(claimId);
        check(claim, details);
        if (claim.status() == ClaimStatus.REPLACED) {
            throw new RuleViolation(
                    Refusal.CLAIM_NOT_CORRECTABLE,
                    "claim %s is replaced: send the claim that replaced it".formatted(claim.controlNumber()));
        }
        NextPayer next = secondaries.next(claimId);
        if (next.sequence() > 1 && (next.isOwed() || next.state() == NextPayer.State.FORWARDED)) {
            secondaries.prepare(next, details);
            return;
        }
        if (!rows.prepare(claimId, details, null, 1)) {
            throw new RuleViolation(
                    Refusal.CHANGED_MEANWHILE, "claim %s is on its way".formatted(claim.controlNumber()));
        }
        rows.insertEvent(claimId, "p:" + Ids.next(), "prepared", null, null, null, null, null);
    }

    /**
     * Puts every ready claim that can be sent into files, at most 2,000 in each; they are sent with the next tick.
     *
     * @return the files, none if no claim can be sent
     */
    public List<Batch> createBatches() {
        var provider = rows.provider()
                .orElseThrow(() -> new RuleViolation(
                        Refusal.INVALID_INPUT, "Claims need a billing provider: name, NPI, tax id and address"));
        List<Batch> made = new ArrayList<>();
        for (Form form : Form.values()) {
            List<UUID> ready = sendable(rows.lockReady(form, ClaimFile.MOST_CLAIMS));
            if (!ready.isEmpty()) {
                made.add(create(form, provider, ready));
            }
        }
        return made;
    }

    public void setProvider(BillingProvider provider) {
        if (!provider.npi().matches("\\d{10}")
                || !provider.taxId().matches("\\d{9}")
                || !provider.postalCode().matches("\\d{9}")
                || !provider.contactPhone().matches("\\d{10}")
                || !provider.state().matches("[A-Za-z]{2}")
                || !provider.taxonomy().matches("[0-9A-Z]{10}")
                || List.of(provider.name(), provider.street(), provider.city(), provider.contactName()).stream()
                        .anyMatch(String::isBlank)) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "NPI and phone have 10 digits, tax id and postal code 9, a state two letters, a taxonomy code 10 "
                            + "characters; name, street, city and contact are needed");
        }
        rows.setProvider(provider);
        audit.record("claims.provider-changed", "claims", "provider", Map.of("npi", provider.npi()));
    }

    /** @param claimMdPayerId null if claims cannot be sent there */
    public void setRoute(UUID payerId, @Nullable String claimMdPayerId) {
        if (claimMdPayerId != null && !claimMdPayerId.matches("[A-Za-z0-9]{2,20}")) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "Claim.MD's id of a payer has 2 to 20 letters and digits");
        }
        if (!rows.setRoute(payerId, claimMdPayerId)) {
            throw RuleViolation.notFound("this payer");
        }
        audit.record("claims.payer-route-changed", "payer", payerId.toString(), Map.of());
    }

    @Transactional(readOnly = true)
    public Optional<BillingProvider> provider() {
        return rows.provider();
    }

    /** How Claim.MD routes to each payer; those it cannot reach are missing. */
    @Transactional(readOnly = true)
    public Map<UUID, String> routes() {
        return rows.routes();
    }

    /** Longest waiting first. */
    @Transactional(readOnly = true)
    public List<Submission> inState(String state) {
        return list(List.of(state), null);
    }

    /**
     * Longest waiting first.
     *
     * @param payerId to whom they go, null for all
     */
    @Transactional(readOnly = true)
    public List<Submission> list(Collection<String> states, @Nullable UUID payerId) {
        if (!STATES.containsAll(states)) {
            throw new RuleViolation(Refusal.INVALID_INPUT, "a claim on its way is one of " + STATES);
        }
        return withObstacles(rows.inState(states, payerId, SHOWN));
    }

    /** What the claim was prepared with, for whoever corrects it. */
    @Transactional(readOnly = true)
    public Optional<SubmissionDetails> details(UUID claimId) {
        return rows.find(claimId).map(submission -> rows.details(claimId));
    }

    @Transactional(readOnly = true)
    public long count(String state) {
        return rows.count(state);
    }

    @Transactional(readOnly = true)
    public Optional<Submission> find(UUID claimId) {
        return rows.find(claimId)
                .map(submission -> withObstacles(List.of(submission)).getFirst());
    }

    /** Oldest first. */
    @Transactional(readOnly = true)
    public List<SubmissionEvent> history(UUID claimId) {
        claims.get(claimId);
        return rows.events(claimId);
    }

    /** Newest first. */
    @Transactional(readOnly = true)
    public List<Batch> batches() {
        return rows.batches(SHOWN);
    }

    /** The file as it is or was sent. */
    @Transactional(readOnly = true)
    public byte[] content(UUID batchId) {
        batch(batchId);
        return rows.content(batchId);
    }

    @Transactional(readOnly = true)
    public Batch batch(UUID batchId) {
        return rows.findBatch(batchId).orElseThrow(() -> RuleViolation.notFound("this file of claims"));
    }

    /** Without those that go to a later payer and that it does not owe any more. */
    private List<UUID> sendable(List<SubmissionRows.Ready> ready) {
        Map<UUID, NextPayer> next = secondaries.next(ready.stream()
                .filter(each -> each.sequence() > 1)
                .map(SubmissionRows.Ready::claimId)
                .toList());
        return ready.stream()
                .filter(each -> each.sequence() == 1 || obstacle(next.get(each.claimId()), each.sequence()) == null)
                .map(SubmissionRows.Ready::claimId)
                .toList();
    }

    private List<Submission> withObstacles(List<Submission> found) {
        Map<UUID, NextPayer> next = secondaries.next(found.stream()
                .filter(each -> each.payerSequence() > 1 && each.state().equals("ready"))
                .map(Submission::claimId)
                .toList());
        return found.stream()
                .map(each -> next.containsKey(each.claimId())
                        ? each.with(obstacle(next.get(each.claimId()), each.payerSequence()))
                        : each)
                .toList();
    }

    private static @Nullable String obstacle(@Nullable NextPayer next, int sequence) {
        if (next == null) {
            return "The claim is not known";
        }
        return next.state() == NextPayer.State.UNDER_WAY && next.sequence() == sequence ? null : next.reason();
    }

    private Batch create(Form form, BillingProvider provider, List<UUID> ready) {
        UUID id = Ids.next();
        String number = numbers.next("CB");
        List<ClaimFile.Item> items = ready.stream().map(this::item).toList();
        LocalDateTime at = LocalDateTime.ofInstant(clock.instant(), ZoneOffset.UTC);
        int control = Integer.parseInt(number.substring(number.lastIndexOf('-') + 1)) % 1_000_000_000;
        byte[] content =
                ClaimFile.write(form, control, number, at, provider, items).getBytes(StandardCharsets.US_ASCII);
        String digest = digest(content);
        var batch = new Batch(
                id,
                number,
                form,
                "ready",
                "%s-%s.837".formatted(number, digest.substring(0, 8)),
                items.size(),
                Money.total(items.stream().map(item -> item.claim().charged()).toList()),
                null,
                null,
                clock.instant(),
                null);
        rows.insertBatch(batch, content, digest);
        for (ClaimFile.Item item : items) {
            UUID claimId = item.claim().id();
            rows.putIntoBatch(claimId, id);
            rows.insertEvent(claimId, "b:%s:%s".formatted(id, claimId), "batched", null, id, null, null, null);
        }
        audit.record("claims.batch-created", "claim-batch", number, Map.of("claims", items.size()));
        return batch;
    }

    private ClaimFile.Item item(UUID claimId) {
        Claim claim = claims.get(claimId);
        var destination = rows.destination(claimId);
        Payer payer = payers.get(destination.payerId());
        return new ClaimFile.Item(
                claim,
                rows.setting(claimId),
                rows.details(claimId),
                insurances.subscriber(claim.accountId(), payer.id()).orElseThrow(),
                payer.name(),
                payer.payerClass(),
                rows.route(payer.id()).orElseThrow(),
                remoteId(claimId, destination.round()),
                destination.sequence() == 1 ? List.of() : secondaries.others(claim, insurances, payers));
    }

    /** REF*D9: Claim.MD takes a claim with a known one for the same claim. Twenty characters at most. */
    static String remoteId(UUID claimId, int round) {
        return digest("%s:%d".formatted(claimId, round).getBytes(StandardCharsets.US_ASCII))
                .substring(0, 20)
                .toUpperCase(java.util.Locale.ROOT);
    }

    private static void check(Claim claim, SubmissionDetails details) {
        if (details.diagnoses().isEmpty()
                || details.diagnoses().size() > (details.form() == Form.PROFESSIONAL ? 12 : 25)
                || !details.diagnoses().stream().allMatch(code -> code.matches("[A-Z][0-9A-Z]{2,6}"))) {
            throw new RuleViolation(
                    Refusal.INVALID_INPUT,
                    "A claim needs diagnoses: ICD-10-CM codes without points, at most 12 (or 25)");
        }
        if (details.form() == Form.PROFESSIONAL) {
            if (details.placeOfService() == null
                    || !details.placeOfService().matches("\\d{2}")
                    || claim.lines().stream().anyMatch(line -> line.procedureCode() == null)) {
                throw new RuleViolation(
                        Refusal.INVALID_INPUT,
                        "A professional claim needs a place of service of two digits and a procedure on each line");
            }
        } else {
            var attending = details.attending();
            if (details.typeOfBill() == null
                    || !details.typeOfBill().matches("\\d{3}")
                    || details.patientStatus() == null
                    || !details.patientStatus().matches("\\d{2}")
                    || attending == null
                    || !attending.npi().matches("\\d{10}")
                    || claim.lines().stream().anyMatch(line -> line.revenueCode() == null)) {
                throw new RuleViolation(
                        Refusal.INVALID_INPUT,
                        "An institutional claim needs a type of bill, a patient status, an attending provider with NPI "
                                + "and a revenue code on each line");
            }
        }
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
