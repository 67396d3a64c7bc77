package io.remitflow.ui.web;

import io.remitflow.identity.Permission;
import io.remitflow.identity.Person;
import io.remitflow.intake.InboxWatch;
import io.remitflow.ui.BooksChecks;
import io.remitflow.ui.HomeTile;
import io.remitflow.ui.HomeTiles;
import io.remitflow.ui.Tone;
import io.remitflow.workflow.Incidents;
import io.remitflow.workflow.ParkedMessages;
import java.util.List;
import org.springframework.stereotype.Component;

/** Brings whoever may see the operations page there when something is stuck; nobody looks at it every day. */
@Component
class OperationsTiles implements HomeTiles {

    private final BooksChecks books;
    private final InboxWatch inboxes;
    private final Incidents incidents;
    private final ParkedMessages parked;

    OperationsTiles(BooksChecks books, InboxWatch inboxes, Incidents incidents, ParkedMessages parked) {
        this.books = books;
        this.inboxes = inboxes;
        this.incidents = incidents;
        this.parked = parked;
    }

    @Override
    public boolean visibleTo(Person person) {
        return person.may(Permission.OPERATIONS_VIEW);
    }

    @Override
    public List<HomeTile> tiles() {
        long stuck = books.unsound().size()
                + inboxes.away().size()
                + incidents.open().size()
                + parked.all().size();
        return stuck == 0
                ? List.of()
                : List.of(
                        new HomeTile("Attention", "Stuck in operations", null, stuck, "/app/operations", Tone.DANGER));
    }
}
