package io.remitflow.claims.web;

import io.remitflow.claims.Claim;
import io.remitflow.claims.Claims;
import io.remitflow.claims.Payer;
import io.remitflow.claims.Payers;
import io.remitflow.receivables.AccountPanel;
import io.remitflow.receivables.ClaimBalance;
import io.remitflow.receivables.PatientAccounts;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The claims of an account, on the account's page. */
@Component
class ClaimsOfAccount implements AccountPanel {

    private final Claims claims;
    private final Payers payers;
    private final PatientAccounts accounts;

    ClaimsOfAccount(Claims claims, Payers payers, PatientAccounts accounts) {
        this.claims = claims;
        this.payers = payers;
        this.accounts = accounts;
    }

    @Override
    public int order() {
        return 10;
    }

    @Override
    public String fragment() {
        return "claims/of-account :: panel";
    }

    @Override
    public Object model(UUID accountId) {
        var names = payers.all().stream().collect(Collectors.toMap(Payer::id, Payer::name));
        var balances = accounts.claimBalances(accountId);
        return claims.ofAccount(accountId).stream()
                .map(claim -> new Row(claim, names.getOrDefault(claim.payerId(), ""), balances.get(claim.id())))
                .toList();
    }

    /** A claim with its service lines in one line of text. */
    record Row(Claim claim, String payer, @Nullable ClaimBalance balance) {

        public String services() {
            List<String> codes = claim.lines().stream()
                    .map(line -> line.procedureCode() != null ? line.procedureCode() : "revenue " + line.revenueCode())
                    .toList();
            return String.join(", ", codes);
        }
    }
}
