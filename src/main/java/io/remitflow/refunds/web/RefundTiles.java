package io.remitflow.refunds.web;

import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.refunds.AchReturns;
import io.remitflow.refunds.CreditBalances;
import io.remitflow.refunds.RefundStatus;
import io.remitflow.refunds.RefundTotal;
import io.remitflow.refunds.Refunds;
import io.remitflow.ui.DailyAmounts;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Tone;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.joda.money.Money;
import org.springframework.stereotype.Component;

/** What the home page says about refunds. */
@Component
class RefundTiles implements HomeTiles, DailyAmounts {

    private static final Set<RefundStatus> UNDER_WAY =
            EnumSet.of(RefundStatus.PENDING, RefundStatus.APPROVED, RefundStatus.PROCESSING);

    private final Refunds refunds;
    private final AchReturns returns;
    private final CreditBalances creditBalances;
    private final Organizations organizations;

    RefundTiles(Refunds refunds, AchReturns returns, CreditBalances creditBalances, Organizations organizations) {
        this.refunds = refunds;
        this.returns = returns;
        this.creditBalances = creditBalances;
        this.organizations = organizations;
    }

    @Override
    public boolean visibleTo(Person person) {
        return person.may(Permission.REFUNDS_VIEW);
    }

    @Override
    public List<HomeTile> tiles() {
        List<RefundTotal> totals = refunds.totals();
        long declined = count(totals, EnumSet.of(RefundStatus.FAILED, RefundStatus.RETURNED));
        long overdue = refunds.overdueCount();
        long openReturns = returns.openCount();
        long openCredits = creditBalances.openCount();
        return List.of(
                new HomeTile(
                        "Money out",
                        "Refunds under way",
                        sum(totals, UNDER_WAY),
                        count(totals, UNDER_WAY),
                        "/app/refunds?show=open",
                        Tone.NEUTRAL),
                new HomeTile(
                        "Money out",
                        "Credit balances",
                        creditBalances.unresolvedTotal(),
                        openCredits,
                        "/app/credit-balances",
                        openCredits > 0 ? Tone.NOTICE : Tone.NEUTRAL),
                new HomeTile(
                        "Attention",
                        "Refunds past their 30 days",
                        null,
                        overdue,
                        "/app/refunds?show=open",
                        overdue > 0 ? Tone.WARNING : Tone.NEUTRAL),
                new HomeTile(
                        "Attention",
                        "ACH returns to look at",
                        null,
                        openReturns,
                        "/app/refunds/ach/returns",
                        openReturns > 0 ? Tone.WARNING : Tone.NEUTRAL),
                new HomeTile(
                        "Attention",
                        "Refunds declined or returned",
                        null,
                        declined,
                        "/app/refunds?show=failed",
                        declined > 0 ? Tone.WARNING : Tone.NEUTRAL));
    }

    @Override
    public String direction() {
        return "Money out";
    }

    @Override
    public Map<LocalDate, Money> between(LocalDate first, LocalDate last) {
        return refunds.returnedPerDay(first, last);
    }

    private Money sum(List<RefundTotal> totals, Set<RefundStatus> states) {
        var currency = organizations.current().currency();
        return totals.stream()
                .filter(total -> states.contains(total.status()))
                .map(RefundTotal::amount)
                .filter(amount -> amount.getCurrencyUnit().equals(currency))
                .reduce(Money.zero(currency), Money::plus);
    }

    private static long count(List<RefundTotal> totals, Set<RefundStatus> states) {
        return totals.stream()
                .filter(total -> states.contains(total.status()))
                .mapToLong(RefundTotal::count)
                .sum();
    }
}
