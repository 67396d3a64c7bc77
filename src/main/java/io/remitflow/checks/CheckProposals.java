package io.remitflow.checks;

import io.remitflow.billing.Invoice;
import io.remitflow.billing.InvoicePayments;
import io.remitflow.checks.CheckAllocation.Applied;
import io.remitflow.core.Amounts;
import io.remitflow.identity.Organizations;
import io.remitflow.payments.Payment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.PatientAccounts;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.joda.money.Money;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What a check would pay now, and what a person should look at: for the preview and for the confirmation alike. */
@Component
class CheckProposals {

    private static final int SURE = 80;
    /** Beside the name of a hospital on checks to it alone. */
    private static final Set<String> WORDS_OF_NO_NAME = Set.of(
            "the",
            "of",
            "attn",
            "inc",
            "incorporated",
            "llc",
            "llp",
            "lp",
            "pc",
            "pllc",
            "corp",
            "corporation",
            "co",
            "company",
            "ltd",
            "na",
            "hospital",
            "hospitals",
            "health",
            "healthcare",
            "system",
            "systems",
            "services",
            "medical",
            "center",
            "centre",
            "clinic",
            "group",
            "patient",
            "patients",
            "account",
            "accounts",
            "accounting",
            "accts",
            "acct",
            "billing",
            "business",
            "office",
            "finance",
            "department",
            "dept",
            "lockbox",
            "box",
            "po",
            "p",
            "o");

    private static final Pattern FULL_SETTLEMENT = Pattern.compile(
            "paid in full|payment in full|full (and final )?(payment|settlement|satisfaction)|final payment");

    private final PaperCheckRows rows;
    private final CheckPayers payers;
    private final CheckSettings settings;
    private final InvoicePayments invoices;
    private final Payments payments;
    private final PatientAccounts accounts;
    private final Organizations organizations;

    CheckProposals(
            PaperCheckRows rows,
            CheckPayers payers,
            CheckSettings settings,
            InvoicePayments invoices,
            Payments payments,
            PatientAccounts accounts,
            Organizations organizations) {
        this.rows = rows;
        this.payers = payers;
        this.settings = settings;
        this.invoices = invoices;
        this.payments = payments;
        this.accounts = accounts;
        this.organizations = organizations;
    }

    /**
     * @param fields as a person edits them; what only the reader knows is taken from the check
     * @param lock whether the invoices stay as they are until the transaction ends
     */
    CheckPreview of(PaperCheck check, CheckFields fields, boolean lock) {
        PayerMatch payer = payers.match(fields.payerName() == null ? "" : fields.payerName());
        boolean picked = !fields.facilities().isEmpty();
        boolean all = !picked && payer.coversAll();
        Set<UUID> facilities = picked ? fields.facilities() : payer.facilities();
        boolean single = !all && facilities.size() == 1;
        ZoneId zone = organizations.current().timeZone();
        List<OpenInvoice> pool = open(all ? null : facilities, lock).stream()
                .filter(invoice -> invoice.due().getCurrencyUnit().getCode().equals(check.currency()))
                .map(invoice -> openInvoice(invoice, zone))
                .toList();
        Money amount = fields.amount();
        CheckProposal proposal = amount == null || !amount.isPositive()
                ? null
                : CheckProposal.of(amount.getAmountMinorLong(), single, fields.lines(), pool, settings.windowDays());
        String number = fields.checkNumber();
        List<Payment> atDesk = number == null || amount == null ? List.of() : payments.checksAtDesk(number, amount);
        Set<Doubt> doubts = doubts(check, fields, payer, picked, proposal);
        addIf(doubts, Doubt.TAKEN_AT_DESK, !atDesk.isEmpty());
        Set<UUID> shown = pool.stream().map(OpenInvoice::facilityId).collect(Collectors.toSet());
        shown.addAll(facilities);
        return new CheckPreview(
                payer,
                picked,
                single,
                proposal,
                Amounts.ofMinor(proposal == null ? 0 : proposal.allocation().leftMinor(), check.currency()),
                pool,
                accounts.all(shown),
                doubts,
                atDesk,
                proposal == null ? "" : seen(proposal.allocation(), doubts));
    }

    private List<Invoice> open(@Nullable Collection<UUID> facilities, boolean lock) {
        return lock ? invoices.lockOpen(facilities) : invoices.open(facilities);
    }

    private Set<Doubt> doubts(
            PaperCheck check, CheckFields fields, PayerMatch payer, boolean picked, @Nullable CheckProposal proposal) {
        Set<Doubt> doubts = EnumSet.noneOf(Doubt.class);
        addIf(doubts, Doubt.NO_AMOUNT, proposal == null);
        addIf(doubts, Doubt.PAYER_UNRECOGNIZED, !picked && payer.outcome() == PayerMatch.Outcome.UNRECOGNIZED);
        addIf(doubts, Doubt.PAYER_AMBIGUOUS, !picked && payer.outcome() == PayerMatch.Outcome.AMBIGUOUS);
        addIf(doubts, Doubt.DUPLICATE, check.isSuspectedDuplicate());
        addIf(doubts, Doubt.PRESENTED_TOO_LATE, isPresentedTooLate(check.id()));
        addIf(doubts, Doubt.AMOUNTS_DIFFER, check.amountsDiffer());
        addIf(doubts, Doubt.AMOUNT_OF_NOBODY, isAmountOfNobody(check, fields.amount()));
        addIf(doubts, Doubt.LINES_DIFFER, proposal != null && proposal.linesDiffer());
        addIf(doubts, Doubt.UNMATCHED_LINES, proposal != null && proposal.hasUnmatchedLines());
        LocalDate today = organizations.today();
        LocalDate date = fields.date();
        addIf(doubts, Doubt.STALE, date != null && date.isBefore(today.minusMonths(settings.staleMonths())));
        addIf(doubts, Doubt.POST_DATED, date != null && date.isAfter(today));
        addIf(doubts, Doubt.UNSIGNED, Boolean.FALSE.equals(check.signed()));
        addIf(doubts, Doubt.OTHER_PAYEE, isSomebodyElse(fields.payeeName()));
        addIf(doubts, Doubt.TWO_PARTY, isSomebodyBesideUs(fields.payeeName()));
        addIf(doubts, Doubt.FULL_SETTLEMENT, claimsFullSettlement(fields.memo()));
        Integer confidence = check.confidence();
        addIf(doubts, Doubt.UNSURE, confidence != null && confidence < SURE);
        return doubts;
    }

    private static boolean isAmountOfNobody(PaperCheck check, @Nullable Money amount) {
        Long words = check.legalMinor();
        Long digits = check.courtesyMinor();
        return amount != null
                && (words != null || digits != null)
                && !Objects.equals(words, amount.getAmountMinorLong())
                && !Objects.equals(digits, amount.getAmountMinorLong());
    }

    private boolean isPresentedTooLate(UUID id) {
        PaperCheckRows.Chain chain = rows.chain(id);
        LocalDate until = CheckRepresentations.until(
                chain.returnedAt(), organizations.current().timeZone());
        return !id.equals(chain.first())
                && until != null
                && organizations.today().isAfter(until);
    }

    private boolean isSomebodyElse(@Nullable String payee) {
        if (payee == null) {
            return false;
        }
        String ours = words(organizations.current().name());
        String theirs = words(payee);
        return !ours.contains(theirs) && !theirs.contains(ours);
    }

    /** "Mercy General and John Doe": whatever stands beside our name and is no word of an office. */
    private boolean isSomebodyBesideUs(@Nullable String payee) {
        String ours = words(organizations.current().name());
        String theirs = payee == null ? "" : words(payee);
        if (!theirs.contains(ours) || theirs.equals(ours)) {
            return false;
        }
        return Arrays.stream(
                        theirs.replaceFirst(Pattern.quote(ours), " ").strip().split(" "))
                .filter(word -> !word.equals("and") && !word.equals("or"))
                .anyMatch(word -> !WORDS_OF_NO_NAME.contains(word) && !word.matches("[0-9]*"));
    }

    /** So that only whole words are found in it. */
    private static String words(String name) {
        return " " + PayerNames.plain(name) + " ";
    }

    private static boolean claimsFullSettlement(@Nullable String memo) {
        return memo != null
                && FULL_SETTLEMENT.matcher(memo.toLowerCase(Locale.ROOT)).find();
    }

    private static void addIf(Set<Doubt> doubts, Doubt doubt, boolean doubtful) {
        if (doubtful) {
            doubts.add(doubt);
        }
    }

    private static OpenInvoice openInvoice(Invoice invoice, ZoneId zone) {
        var sentAt = invoice.sentAt();
        return new OpenInvoice(
                invoice.id(),
                invoice.number(),
                invoice.accountId(),
                invoice.serviceTo(),
                sentAt == null ? null : LocalDate.ofInstant(sentAt, zone),
                invoice.due().getAmountMinorLong());
    }

    private static String seen(CheckAllocation allocation, Set<Doubt> doubts) {
        var text = new StringBuilder().append(doubts).append(';');
        for (Applied applied : allocation.applied()) {
            text.append(applied.invoice().id())
                    .append('=')
                    .append(applied.amountMinor())
                    .append(';');
        }
        text.append(allocation.leftMinor());
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
