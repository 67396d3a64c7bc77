package io.remitflow.remittance.feed;

import io.remitflow.remittance.EraEnvelope;
import io.remitflow.remittance.EraHandler;
import io.remitflow.remittance.EraRejected.Reason;
import io.remitflow.remittance.ProviderAdjustment;
import io.remitflow.remittance.TransactionBalance;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows the segments between ST and SE and hands out header, claims and provider adjustments.
 *
 * <p>Claims begin at CLP whether or not an LX came before; payers leave it out. Segments that carry no money and that we
 * do not know are skipped.
 */
final class TransactionReader {

    private static final int PLB_LAST_ELEMENT = 14;

    /** Only within a claim; elsewhere they would be money that belongs to nobody. */
    private static final Set<String> OF_CLAIM = Set.of("CAS", "SVC", "MIA", "MOA", "LQ");

    private final EraHandler handler;
    private final ContentHash hash = new ContentHash();

    private @Nullable HeaderBuilder header;
    private @Nullable ClaimBuilder claim;
    private @Nullable TransactionBalance balance;
    private int claims;
    private long claimsOfAll;

    TransactionReader(EraHandler handler) {
        this.handler = handler;
    }

    long claimsOfAll() {
        return claimsOfAll;
    }

    void begin(int index, EraEnvelope envelope, String controlNumber) {
        hash.reset();
        header = new HeaderBuilder(index, envelope, controlNumber);
        claim = null;
        balance = null;
        claims = 0;
    }

    void segment(Segment segment) {
        segment.feed(hash);
        switch (segment.id()) {
            case "LX" -> {
                endHeader(segment);
                endClaim(segment);
            }
            case "CLP" -> {
                endHeader(segment);
                endClaim(segment);
                claims++;
                claimsOfAll++;
                claim = new ClaimBuilder(claims, segment);
            }
            case "PLB" -> {
                endHeader(segment);
                endClaim(segment);
                providerAdjustments(segment);
            }
            default -> detail(segment);
        }
    }

    void end(Segment se) {
        endHeader(se);
        endClaim(se);
        try {
            handler.transactionEnded(opened(balance).totals(hash.finish()));
        } catch (ArithmeticException e) {
            throw tooLarge(se);
        }
    }

    private void detail(Segment segment) {
        if (claim != null) {
            claim.segment(segment);
            return;
        }
        if (OF_CLAIM.contains(segment.id())) {
            throw segment.reject(
                    Reason.WRONG_STRUCTURE,
                    0,
                    "%s belongs to a claim, but no claim (CLP) has begun here".formatted(segment.id()));
        }
        if (segment.id().equals("BPR") || segment.id().equals("TRN")) {
            if (header == null) {
                throw segment.reject(Reason.WRONG_STRUCTURE, 0, "%s comes after the claims".formatted(segment.id()));
            }
        }
        if (header != null) {
            header.segment(segment);
        }
    }

    private void endHeader(Segment next) {
        if (header == null) {
            return;
        }
        var transaction = header.build(next);
        header = null;
        balance = new TransactionBalance(transaction);
        handler.transactionStarted(transaction);
    }

    private void endClaim(Segment next) {
        if (claim == null) {
            return;
        }
        try {
            var complete = claim.build();
            claim = null;
            opened(balance).add(complete);
            handler.claim(complete);
        } catch (ArithmeticException e) {
            throw tooLarge(next);
        }
    }

    private void providerAdjustments(Segment plb) {
        if (plb.lastElement() > PLB_LAST_ELEMENT) {
            throw plb.reject(Reason.WRONG_STRUCTURE, PLB_LAST_ELEMENT + 1, "A PLB has more than six adjustments");
        }
        var provider = plb.required(1, "The provider of the adjustment");
        var fiscalPeriodEnd = plb.date(2);
        int found = 0;
        for (int at = 3; at <= PLB_LAST_ELEMENT; at += 2) {
            if (!plb.has(at) && !plb.has(at + 1)) {
                continue;
            }
            found++;
            var code = plb.text(at, 1).strip();
            if (code.isEmpty()) {
                throw plb.reject(Reason.MISSING_ELEMENT, at, "The reason of a provider adjustment is missing");
            }
            long amountMinor = plb.amount(at + 1, "The amount of a provider adjustment");
            var adjustment = new ProviderAdjustment(
                    provider, fiscalPeriodEnd, code, plb.text(at, 2).strip(), amountMinor, plb.position(at));
            try {
                opened(balance).add(adjustment);
            } catch (ArithmeticException e) {
                throw tooLarge(plb);
            }
            handler.providerAdjustment(adjustment);
        }
        if (found == 0) {
            throw plb.reject(Reason.MISSING_ELEMENT, 3, "A PLB holds no adjustment");
        }
    }

    private static io.remitflow.remittance.EraRejected tooLarge(Segment segment) {
        return segment.reject(Reason.TOO_LARGE, 0, "The amounts before here are too large to add up");
    }

    private static TransactionBalance opened(@Nullable TransactionBalance balance) {
        if (balance == null) {
            throw new IllegalStateException("not opened");
        }
        return balance;
    }
}
