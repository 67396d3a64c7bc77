package io.remitflow.remittance;

import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.intake.IntakeFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The segments of the kept original file behind what a page shows of a remittance.
 *
 * <p>They are looked up in the file by their number: nothing of their text is stored a second time. The file is read as
 * far as they go, a piece at a time, with no transaction around it.
 */
@Service
public class RemittanceSegments {

    /** Those that end the header, and each claim. */
    private static final Set<String> BEGINS_ANOTHER = Set.of("LX", "CLP", "PLB", "SE");

    private final JdbcClient jdbc;
    private final IntakeFiles files;
    private final RejectedFiles rejected;
    private final RemittanceReader reader;
    private final TransactionTemplate transaction;

    RemittanceSegments(
            JdbcClient jdbc,
            IntakeFiles files,
            RejectedFiles rejected,
            RemittanceReader reader,
            TransactionTemplate transaction) {
        this.jdbc = jdbc;
        this.files = files;
        this.rejected = rejected;
        this.reader = reader;
        this.transaction = transaction;
    }

    /**
     * Some segments of a part of a remittance.
     *
     * @param next number of the first one that was left out because there are too many
     */
    public record Part(List<EraSegment> segments, @Nullable Long next) {}

    /** Envelope and header: what is before the first claim. */
    public Part header(UUID remittanceId) {
        Place place = place(remittanceId);
        return read(place, new Header(place.segmentNumber));
    }

    /** @param from number of the first segment to show, 0 for the first of the claim */
    public Part claim(UUID remittanceId, int position, long from, int limit) {
        Place place = place(remittanceId);
        long first = number(
                "This claim", jdbc.sql("""
                        select segment_number from billing_remittance_claims
                        where org_id = :org and remittance_id = :remittance and position = :position
                        """).param("remittance", remittanceId).param("position", position));
        return read(place, new Claim(first, Math.max(first, from), limit));
    }

    /** What the payer moved outside of claims, and the end of the remittance. */
    public Part providerAdjustments(UUID remittanceId, long from, int limit) {
        Place place = place(remittanceId);
        long first =
                number("A provider adjustment of this remittance", jdbc.sql("""
                        select segment_number from billing_remittance_provider_adjustments
                        where org_id = :org and remittance_id = :remittance order by position limit 1
                        """).param("remittance", remittanceId));
        return read(place, new ProviderAdjustments(first, Math.max(first, from), limit));
    }

    private Part read(Place place, Selected selected) {
        try (InputStream bytes = files.open(place.fileId)) {
            reader.readSegments(bytes, place.repaired, selected);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Part(List.copyOf(selected.segments), selected.next);
    }

    private record Place(UUID fileId, long segmentNumber, boolean repaired) {}

    private Place place(UUID remittanceId) {
        return Objects.requireNonNull(transaction.execute(status -> jdbc.sql(
                        "select file_id, segment_number from billing_remittances where org_id = :org and id = :id")
                .param("org", CurrentOrganization.id().value())
                .param("id", remittanceId)
                .query((row, number) -> {
                    UUID file = row.getObject("file_id", UUID.class);
                    return new Place(file, row.getLong("segment_number"), rejected.isConfirmed(file));
                })
                .optional()
                .orElseThrow(() -> RuleViolation.notFound("This remittance"))));
    }

    private long number(String what, JdbcClient.StatementSpec query) {
        return Objects.requireNonNull(transaction.execute(
                status -> query.param("org", CurrentOrganization.id().value())
                        .query(Long.class)
                        .optional()
                        .orElseThrow(() -> RuleViolation.notFound(what))));
    }

    private abstract static class Selected implements SegmentSelection {

        final List<EraSegment> segments = new ArrayList<>();

        @Nullable Long next;

        @Override
        public void take(EraSegment segment) {
            segments.add(segment);
        }

        /** The segment, unless the page is full: then the next page begins with it. */
        final Choice takeUpTo(int limit, long number) {
            if (segments.size() < limit) {
                return Choice.TAKE;
            }
            next = number;
            return Choice.STOP;
        }
    }

    /** Keeps the latest envelope and header seen, until those that hold the payment are complete. */
    private static final class Header extends Selected {

        private final long payment;
        private boolean inHeader;

        private Header(long payment) {
            this.payment = payment;
        }

        @Override
        public Choice choose(long number, String id) {
            if (number > payment && BEGINS_ANOTHER.contains(id)) {
                return Choice.STOP;
            }
            switch (id) {
                case "ISA" -> forgetFrom("ISA");
                case "GS" -> forgetFrom("GS");
                case "ST" -> forgetFrom("ST");
                default -> {
                    if (BEGINS_ANOTHER.contains(id)) {
                        inHeader = false;
                    }
                    return inHeader ? Choice.TAKE : Choice.SKIP;
                }
            }
            inHeader = true;
            return Choice.TAKE;
        }

        private void forgetFrom(String id) {
            for (int i = 0; i < segments.size(); i++) {
                if (segments.get(i).id().equals(id)) {
                    segments.subList(i, segments.size()).clear();
                    return;
                }
            }
        }
    }

    private static final class Claim extends Selected {

        private final long first;
        private final long from;
        private final int limit;

        private Claim(long first, long from, int limit) {
            this.first = first;
            this.from = from;
            this.limit = limit;
        }

        @Override
        public Choice choose(long number, String id) {
            if (number > first && BEGINS_ANOTHER.contains(id)) {
                return Choice.STOP;
            }
            return number < from ? Choice.SKIP : takeUpTo(limit, number);
        }
    }

    private static final class ProviderAdjustments extends Selected {

        private final long first;
        private final long from;
        private final int limit;
        private boolean ended;

        private ProviderAdjustments(long first, long from, int limit) {
            this.first = first;
            this.from = from;
            this.limit = limit;
        }

        @Override
        public Choice choose(long number, String id) {
            if (ended) {
                return Choice.STOP;
            }
            ended = number >= first && id.equals("SE");
            return number < from ? Choice.SKIP : takeUpTo(limit, number);
        }
    }
}
