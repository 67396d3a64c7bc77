package io.remitflow.remittance.web;

import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
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

    RemittanceReviewTiles(RemittanceReviews reviews) {
        this.reviews = reviews;
    }

    @Override
    public boolean visibleTo(Person person) {
        return person.may(Permission.REMITTANCES_VIEW);
    }

    @Override
    public List<HomeTile> tiles() {
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
