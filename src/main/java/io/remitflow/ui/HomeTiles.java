package io.remitflow.ui;

import java.util.List;

/** Contributed by the modules above: what the home page shows to the signed-in person. Empty if they may not see it. */
public interface HomeTiles {

    List<HomeTile> tiles();
}
