package io.remitflow.billing.web;

import io.remitflow.billing.Invoice;
import io.remitflow.billing.InvoiceFilter;
import io.remitflow.billing.InvoiceSetting;
import io.remitflow.billing.InvoiceStatus;
import io.remitflow.billing.InvoiceType;
import io.remitflow.billing.Invoices;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Users;
import io.remitflow.receivables.AccountPanel;
import io.remitflow.receivables.PatientAccounts;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.joda.money.Money;
import org.springframework.stereotype.Component;

/** The invoices of an account, and the form that drafts one, on the account's page. */
@Component
class InvoicesOfAccount implements AccountPanel {

    private final Invoices invoices;
    private final PatientAccounts accounts;
    private final Organizations organizations;
    private final Users users;

    InvoicesOfAccount(Invoices invoices, PatientAccounts accounts, Organizations organizations, Users users) {
        this.invoices = invoices;
        this.accounts = accounts;
        this.organizations = organizations;
        this.users = users;
    }

    @Override
    public int order() {
        return 25;
    }

    @Override
    public String fragment() {
        return "billing/of-account :: panel";
    }

    @Override
    public Object model(UUID accountId) {
        LocalDate today = organizations.today();
        boolean mayCreate = CurrentUser.find()
                .flatMap(users::find)
                .filter(person -> person.may(Permission.INVOICES_CREATE))
                .isPresent();
        var shares = accounts.claimBalances(accountId).keySet().stream()
                .map(claim -> new Share(claim, invoices.unbilledShare(claim)))
                .filter(share -> share.amount().isPositive())
                .toList();
        return new Panel(
                accountId,
                mayCreate,
                invoices.list(InvoiceFilter.ofAccount(accountId)).stream()
                        .map(invoice -> new Row(invoice, invoice.statusOn(today)))
                        .toList(),
                shares,
                InvoiceType.billable(),
                List.of(InvoiceSetting.values()));
    }

    record Row(Invoice invoice, InvoiceStatus status) {}

    record Share(UUID claimId, Money amount) {}

    record Panel(
            UUID accountId,
            boolean mayCreate,
            List<Row> rows,
            List<Share> shares,
            List<InvoiceType> types,
            List<InvoiceSetting> settings) {}
}
