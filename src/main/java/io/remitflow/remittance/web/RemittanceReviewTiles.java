package io.remitflow.remittance.web;

import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Permission;
import io.remitflow.identity.Users;
import io.remitflow.remittance.RemittanceReviews;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Tone;
import java.util.List;
import org.springframework.stereotype.Component;

/** Remittances that wait for somebody to look at them. */
@Component
class RemittanceReviewTiles implements HomeTiles {

    private final RemittanceReviews reviews;
    private final Users users;

    RemittanceReviewTiles(RemittanceReviews reviews, Users users) {
        this.reviews = reviews;
        this.users = users;
    }

    @Override
    public List<HomeTile> tiles() {
        boolean allowed = CurrentUser.find()
                .flatMap(users::find)
                .filter(person -> person.may(Permission.REMITTANCES_VIEW))
                .isPresent();
        if (!allowed) {
            return List.of();
        }
        long waiting = reviews.waiting();
        return List.of(new HomeTile(
                "Attention",
                "Remittances to review",
                reviews.waitingTotal(),
                waiting,
                "/app/remittances?state=review",
                waiting == 0 ? Tone.NEUTRAL : Tone.NOTICE));
    }
}
