package io.remitflow.adjustments.web;

import io.remitflow.adjustments.Adjustment;
import io.remitflow.adjustments.AdjustmentFilter;
import io.remitflow.adjustments.AdjustmentType;
import io.remitflow.adjustments.Adjustments;
import io.remitflow.claims.Claim;
import io.remitflow.claims.Claims;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Users;
import io.remitflow.receivables.AccountPanel;
import java.util.List;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** The write-offs of an account, and the form that asks for one, on the account's page. */
@Component
class WriteOffsOfAccount implements AccountPanel {

    private final Adjustments adjustments;
    private final Claims claims;
    private final Users users;

    WriteOffsOfAccount(Adjustments adjustments, Claims claims, Users users) {
        this.adjustments = adjustments;
        this.claims = claims;
        this.users = users;
    }

    @Override
    public int order() {
        return 30;
    }

    @Override
    public String fragment() {
        return "adjustments/of-account :: panel";
    }

    @Override
    public Object model(UUID accountId) {
        var person = CurrentUser.find().flatMap(users::find);
        boolean mayView =
                person.filter(each -> each.may(Permission.WRITE_OFFS_VIEW)).isPresent();
        boolean mayRequest =
                person.filter(each -> each.may(Permission.WRITE_OFFS)).isPresent();
        return new Panel(
                accountId,
                UUID.randomUUID(),
                mayView,
                mayRequest,
                mayView ? adjustments.list(new AdjustmentFilter(null, false, accountId, 0, null, 20)) : List.of(),
                claims.ofAccount(accountId),
                AdjustmentType.requestable());
    }

    /** @param key of the form: sent again, it asks for nothing new */
    record Panel(
            UUID accountId,
            UUID key,
            boolean mayView,
            boolean mayRequest,
            List<Adjustment> rows,
            List<Claim> claims,
            List<AdjustmentType> types) {}
}
