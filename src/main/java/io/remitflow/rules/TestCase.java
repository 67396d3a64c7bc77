package io.remitflow.rules;

import java.util.Map;
import java.util.UUID;

/** An example: with these inputs, the table must give these outputs; outputs that are not named may be anything. */
public record TestCase(UUID id, String name, Map<String, Object> inputs, Map<String, Object> expected) {}
