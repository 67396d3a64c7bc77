package io.remitflow.payments.web;

import io.remitflow.core.Amounts;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.payments.Deposit;
import io.remitflow.payments.Deposits;
import io.remitflow.payments.UndepositedReceipt;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Tone;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Stream;
import org.joda.money.Money;
import org.springframework.stereotype.Component;

/** Checks and cash that should be at the bank: in the drawer for too long, or deposited and not credited. */
@Component
class DepositTiles implements HomeTiles {

    private final Deposits deposits;
    private final Organizations organizations;

    DepositTiles(Deposits deposits, Organizations organizations) {
        this.deposits = deposits;
        this.organizations = organizations;
    }

    @Override
    public boolean visibleTo(Person person) {
        return person.may(Permission.CHECKS_VIEW);
    }

    @Override
    public List<HomeTile> tiles() {
        LocalDate today = organizations.today();
        List<Money> late = Stream.concat(
                        deposits.waiting().stream()
                                .filter(receipt -> receipt.isLate(today))
                                .map(UndepositedReceipt::amount),
                        deposits.onTheWay().stream()
                                .filter(deposit -> deposit.isLate(today))
                                .map(Deposit::open))
                .toList();
        return late.isEmpty()
                ? List.of()
                : List.of(new HomeTile(
                        "Attention",
                        "Late deposits",
                        Amounts.sums(late.stream()).getFirst(),
                        (long) late.size(),
                        "/app/deposits",
                        Tone.WARNING));
    }
}
