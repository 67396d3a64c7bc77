package io.remitflow.ui;

import io.remitflow.identity.Person;
import java.util.List;

/** Contributed by the modules above: what the home page shows to those who may see it. */
public interface HomeTiles {

    boolean visibleTo(Person person);

    List<HomeTile> tiles();
}
