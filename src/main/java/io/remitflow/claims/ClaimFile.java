package io.remitflow.claims;

import io.remitflow.claims.SubmissionDetails.Form;
import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes claims as X12 5010: 837P (005010X222A1) or 837I (005010X223A2), one interchange with one transaction.
 *
 * <p>The patient of every claim is the subscriber. A claim that goes to a later payer says what each payer before decided
 * (loops 2320, 2330 and 2430).
 */
final class ClaimFile {

    static final int MOST_CLAIMS = 2000;

    private static final DateTimeFormatter DAY = X12Text.DAY;
    private static final String RECEIVER = "CLAIMMD";
    /** SBR01 of the primary, secondary and tertiary payer. */
    private static final String[] RANKS = {"P", "S", "T"};

    private static final int ADJUSTMENTS_IN_A_SEGMENT = 6;

    private final X12Text out;

    private ClaimFile(X12Text out) {
        this.out = out;
    }

    /** A claim with everything that is said about it. */
    record Item(
            Claim claim,
            CareSetting setting,
            SubmissionDetails details,
            Subscriber subscriber,
            String payerName,
            String payerClass,
            String payerRoute,
            String remoteId,
            List<OtherPayer> others) {

        Item {
            others = List.copyOf(others);
        }

        /** CLM05-3. A later payer gets the claim for the first time, whatever became of it at the first one. */
        String frequency() {
            if (!others.isEmpty()) {
                return "1";
            }
            return claim.status() == ClaimStatus.VOIDED ? "8" : claim.replaces() != null ? "7" : "1";
        }

        /** REF*F8: what the payer calls the claim that is replaced or voided. */
        @Nullable String originalReference() {
            Claim.Replaced replaced = claim.replaces();
            return switch (frequency()) {
                case "7" -> replaced == null ? null : replaced.payerClaimNumber();
                case "8" -> claim.payerClaimNumber();
                default -> null;
            };
        }
    }

    /** A payer that decided before, and how it knows the patient. */
    record OtherPayer(Adjudication adjudication, Subscriber subscriber, String name, String payerClass, String route) {}

    /**
     * @param number the control number of the interchange, 1 to 999,999,999
     * @param reference what we call the file, at most 50 characters
     */
    static String write(
            Form form, int number, String reference, LocalDateTime at, BillingProvider provider, List<Item> items) {
        if (items.isEmpty() || items.size() > MOST_CLAIMS) {
            throw new IllegalArgumentException("a file holds between 1 and %d claims".formatted(MOST_CLAIMS));
        }
        String guide = form == Form.PROFESSIONAL ? "005010X222A1" : "005010X223A2";
        var file = new ClaimFile(
                X12Text.open(new X12Text.Envelope("HC", "837", guide, provider.taxId(), RECEIVER, at, number)));
        file.segment("BHT", "0019", "00", reference, at.format(DAY), at.format(X12Text.TIME), "CH");
        file.segment("NM1", "41", "2", name(provider.name(), 60), "", "", "", "", "46", provider.taxId());
        file.segment("PER", "IC", name(provider.contactName(), 60), "TE", provider.contactPhone());
        file.segment("NM1", "40", "2", "CLAIM.MD", "", "", "", "", "46", RECEIVER);
        file.billingProvider(provider);
        int level = 1;
        for (Item item : items) {
            file.claim(++level, item);
        }
        return file.out.close();
    }

    private void billingProvider(BillingProvider provider) {
        segment("HL", "1", "", "20", "1");
        segment("PRV", "BI", "PXC", provider.taxonomy());
        segment("NM1", "85", "2", name(provider.name(), 60), "", "", "", "", "XX", provider.npi());
        segment("N3", name(provider.street(), 55));
        segment("N4", name(provider.city(), 30), name(provider.state(), 2), provider.postalCode());
        segment("REF", "EI", provider.taxId());
    }

    private void claim(int level, Item item) {
        var subscriber = item.subscriber();
        Form form = item.details().form();
        segment("HL", "" + level, "1", "22", "0");
        segment(
                "SBR",
                RANKS[item.others().size()],
                "18",
                value(subscriber.groupNumber()),
                "",
                "",
                "",
                "",
                "",
                filing(item.payerClass(), form));
        segment(
                "NM1",
                "IL",
                "1",
                name(subscriber.familyName(), 60),
                name(subscriber.givenName(), 35),
                "",
                "",
                "",
                "MI",
                value(subscriber.memberId()));
        segment("N3", name(subscriber.street(), 55));
        segment(
                "N4",
                name(subscriber.city(), 30),
                name(subscriber.state(), 2),
                subscriber.postalCode().replaceAll("\\D", ""));
        segment("DMG", "D8", subscriber.birthDate().format(DAY), subscriber.sex());
        segment("NM1", "PR", "2", name(item.payerName(), 60), "", "", "", "", "PI", value(item.payerRoute()));
        if (form == Form.PROFESSIONAL) {
            professional(item);
        } else {
            institutional(item);
        }
    }

    private void references(Item item) {
        String original = item.originalReference();
        if (original != null) {
            segment("REF", "F8", value(original));
        }
        segment("REF", "D9", item.remoteId());
    }

    private void professional(Item item) {
        var claim = item.claim();
        segment(
                "CLM",
                value(claim.controlNumber()),
                amount(claim),
                "",
                "",
                "%s:B:%s".formatted(item.details().placeOfService(), item.frequency()),
                "Y",
                "A",
                "Y",
                "Y");
        if (item.details().admittedOn() != null) {
            segment("DTP", "435", "D8", item.details().admittedOn().format(DAY));
        }
        references(item);
        diagnoses(item.details().diagnoses(), 12);
        others(item);
        int position = 0;
        for (ClaimLine line : claim.lines()) {
            segment("LX", "" + ++position);
            segment("SV1", procedure(line), plain(line.charged().getAmount()), "UN", plain(line.units()), "", "", "1");
            service(line);
            decided(item, line, false);
        }
    }

    private void institutional(Item item) {
        var claim = item.claim();
        var details = item.details();
        String bill = Objects.requireNonNull(details.typeOfBill());
        segment(
                "CLM",
                value(claim.controlNumber()),
                amount(claim),
                "",
                "",
                "%s:A:%s"
                        .formatted(
                                bill.substring(0, 2),
                                item.originalReference() == null ? bill.substring(2) : item.frequency()),
                "",
                "A",
                "Y",
                "Y");
        segment(
                "DTP",
                "434",
                "RD8",
                "%s-%s"
                        .formatted(
                                claim.serviceFrom().format(DAY),
                                claim.serviceTo().format(DAY)));
        if (details.admittedOn() != null) {
            segment("DTP", "435", "D8", details.admittedOn().format(DAY));
        }
        // Priority: an emergency or elective; origin: not another facility.
        segment("CL1", item.setting() == CareSetting.EMERGENCY ? "1" : "3", "1", value(details.patientStatus()));
        references(item);
        segment("HI", "ABK:" + details.diagnoses().getFirst());
        if (details.admittedOn() != null) {
            segment("HI", "ABJ:" + details.diagnoses().getFirst());
        }
        var others = details.diagnoses().subList(1, details.diagnoses().size());
        for (int from = 0; from < others.size(); from += 12) {
            segment(
                    "HI",
                    others.subList(from, Math.min(others.size(), from + 12)).stream()
                            .map(code -> "ABF:" + code)
                            .toArray(String[]::new));
        }
        var attending = Objects.requireNonNull(details.attending());
        segment(
                "NM1",
                "71",
                "1",
                name(attending.familyName(), 60),
                name(attending.givenName(), 35),
                "",
                "",
                "",
                "XX",
                attending.npi());
        others(item);
        int position = 0;
        for (ClaimLine line : claim.lines()) {
            segment("LX", "" + ++position);
            segment(
                    "SV2",
                    value(line.revenueCode()),
                    line.procedureCode() == null ? "" : procedure(line),
                    plain(line.charged().getAmount()),
                    "UN",
                    plain(line.units()));
            service(line);
            decided(item, line, true);
        }
    }

    /** Loops 2320, 2330A and 2330B. The day and what is left to the patient stand with the lines where there are any. */
    private void others(Item item) {
        int rank = 0;
        for (OtherPayer other : item.others()) {
            var adjudication = other.adjudication();
            var subscriber = other.subscriber();
            segment(
                    "SBR",
                    RANKS[rank++],
                    "18",
                    value(subscriber.groupNumber()),
                    "",
                    "",
                    "",
                    "",
                    "",
                    filing(other.payerClass(), item.details().form()));
            adjustments(adjudication.adjustments());
            segment("AMT", "D", plain(adjudication.paid().getAmount()));
            if (adjudication.lines().isEmpty()) {
                segment(
                        "AMT",
                        "EAF",
                        plain(adjudication
                                .patientShare(adjudication.adjustments())
                                .getAmount()));
            }
            segment("OI", "", "", "Y", "", "", "Y");
            segment(
                    "NM1",
                    "IL",
                    "1",
                    name(subscriber.familyName(), 60),
                    name(subscriber.givenName(), 35),
                    "",
                    "",
                    "",
                    "MI",
                    value(subscriber.memberId()));
            segment("NM1", "PR", "2", name(other.name(), 60), "", "", "", "", "PI", value(other.route()));
            if (adjudication.lines().isEmpty()) {
                segment("DTP", "573", "D8", adjudication.decidedOn().format(DAY));
            }
            if (adjudication.payerClaimNumber() != null) {
                segment("REF", "F8", value(adjudication.payerClaimNumber()));
            }
        }
    }

    /** Loop 2430: what each earlier payer decided about a line; more than once where it took the line apart. */
    private void decided(Item item, ClaimLine line, boolean institutional) {
        for (OtherPayer other : item.others()) {
            for (var decided : other.adjudication().lines()) {
                if (decided.claimLine() != line.position()) {
                    continue;
                }
                String procedure = procedure(decided.procedure(), decided.modifiers());
                segment(
                        "SVD",
                        value(other.route()),
                        plain(decided.paid().getAmount()),
                        procedure,
                        institutional
                                ? value(decided.revenueCode() == null ? line.revenueCode() : decided.revenueCode())
                                : "",
                        plain(decided.units() == null ? line.units() : decided.units()));
                adjustments(decided.adjustments());
                segment("DTP", "573", "D8", other.adjudication().decidedOn().format(DAY));
                segment(
                        "AMT",
                        "EAF",
                        plain(other.adjudication()
                                .patientShare(decided.adjustments())
                                .getAmount()));
            }
        }
    }

    /** One CAS for each group, six reasons in each. */
    private void adjustments(List<Adjudication.Adjustment> adjustments) {
        Map<String, List<Adjudication.Adjustment>> byGroup = new LinkedHashMap<>();
        adjustments.forEach(adjustment -> byGroup.computeIfAbsent(adjustment.group(), group -> new ArrayList<>())
                .add(adjustment));
        byGroup.forEach((group, all) -> {
            for (int from = 0; from < all.size(); from += ADJUSTMENTS_IN_A_SEGMENT) {
                List<String> elements = new ArrayList<>(List.of(value(group)));
                for (var adjustment : all.subList(from, Math.min(all.size(), from + ADJUSTMENTS_IN_A_SEGMENT))) {
                    elements.add(value(adjustment.reason()));
                    elements.add(plain(adjustment.amount().getAmount()));
                    elements.add(adjustment.quantity() == null ? "" : plain(adjustment.quantity()));
                }
                segment("CAS", elements.toArray(String[]::new));
            }
        });
    }

    private void service(ClaimLine line) {
        segment("DTP", "472", "D8", line.serviceDate().format(DAY));
        segment("REF", "6R", value(line.controlNumber()));
    }

    private void diagnoses(List<String> codes, int most) {
        String[] written = new String[Math.min(most, codes.size())];
        for (int i = 0; i < written.length; i++) {
            written[i] = (i == 0 ? "ABK:" : "ABF:") + codes.get(i);
        }
        segment("HI", written);
    }

    private void segment(String id, String... elements) {
        out.segment(id, elements);
    }

    private static String procedure(ClaimLine line) {
        return procedure(line.procedureCode(), line.modifiers());
    }

    private static String procedure(@Nullable String code, List<String> modifiers) {
        if (code == null || code.isBlank()) {
            return "";
        }
        var parts = new StringBuilder("HC:").append(value(code));
        modifiers.stream()
                .filter(modifier -> !modifier.isBlank())
                .limit(4)
                .forEach(modifier -> parts.append(':').append(value(modifier)));
        return parts.toString();
    }

    private static String amount(Claim claim) {
        return plain(claim.charged().getAmount());
    }

    private static String plain(BigDecimal number) {
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }

    private static String filing(String payerClass, Form form) {
        return switch (payerClass) {
            case "medicare" -> form == Form.PROFESSIONAL ? "MB" : "MA";
            case "medicaid" -> "MC";
            case "tricare" -> "CH";
            case "workers_comp" -> "WC";
            case "commercial" -> "CI";
            default -> "ZZ";
        };
    }

    private static String name(String words, int longest) {
        return X12Text.name(words, longest);
    }

    private static String value(@Nullable String words) {
        return X12Text.value(words);
    }
}
