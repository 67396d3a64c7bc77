package io.remitflow.ui;

/** How much a figure wants to be noticed. */
public enum Tone {
    NEUTRAL,
    GOOD,
    NOTICE,
    WARNING,
    DANGER
}
