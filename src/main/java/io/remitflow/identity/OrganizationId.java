package io.remitflow.identity;

import io.remitflow.core.Ids;
import java.util.UUID;

/** The organization (hospital) that a row belongs to. */
public record OrganizationId(UUID value) {

    public static OrganizationId next() {
        return new OrganizationId(Ids.next());
    }

    public static OrganizationId of(String text) {
        return new OrganizationId(UUID.fromString(text));
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
