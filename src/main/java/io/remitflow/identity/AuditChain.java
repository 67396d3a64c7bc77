package io.remitflow.identity;

import io.remitflow.identity.AuditAnchors.Anchor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The hash chain over the audit log of one organization.
 *
 * <p>Rows are sealed soon after they are committed, in the order in which the sealer finds them; a row that commits late
 * is sealed late. A link's hash is SHA-256 over the previous hash, its number and every column of the row.
 */
@Component
class AuditChain {

    private static final int BATCH = 500;
    private static final int ANCHORS_AT_ONCE = 1_000;
    private static final byte[] BEGINNING = new byte[32];
    private static final Duration SEALED_WITHIN = Duration.ofMinutes(10);

    private final JdbcClient jdbc;

    /** Reads a result in pieces, inside of a transaction: a whole audit log does not fit into memory. */
    private final JdbcClient inPieces;

    private final TransactionTemplate transactions;
    private final AuditAnchors anchors;
    private final Clock clock;

    AuditChain(
            JdbcClient jdbc,
            DataSource dataSource,
            TransactionTemplate transactions,
            AuditAnchors anchors,
            Clock clock) {
        this.jdbc = jdbc;
        var template = new JdbcTemplate(dataSource);
        template.setFetchSize(BATCH);
        this.inPieces = JdbcClient.create(template);
        this.transactions = transactions;
        this.anchors = anchors;
        this.clock = clock;
    }

    /** Seals what waits, then writes the new head outside of the database. */
    void seal(OrganizationId organization) {
        CurrentOrganization.run(organization, () -> {
            var sealed = new AtomicReference<@Nullable Head>();
            while (sealBatch(organization, sealed) == BATCH) {
                // until nothing waits
            }
            var head = sealed.get();
            if (head != null) {
                anchors.append(organization, head, clock.instant());
            }
        });
    }

    /** The first thing that is wrong with the organization's chain, if anything is. */
    Optional<AuditFault> verify(OrganizationId organization) {
        return CurrentOrganization.call(
                organization,
                () -> Objects.requireNonNull(transactions.execute(transaction -> firstFault(organization))));
    }

    private int sealBatch(OrganizationId organization, AtomicReference<@Nullable Head> sealed) {
        return Objects.requireNonNull(transactions.execute(transaction -> {
            var head = lockedHead(organization);
            var rows = waiting(organization);
            for (var row : rows) {
                var next = new Head(head.seq() + 1, row.hash(head.seq() + 1, head.hash()));
                insert(organization, row.id(), head, next);
                head = next;
            }
            if (!rows.isEmpty()) {
                jdbc.sql("update audit_heads set seq = :seq, hash = :hash where org_id = :org")
                        .param("seq", head.seq())
                        .param("hash", head.hash())
                        .param("org", organization.value())
                        .update();
                sealed.set(head);
            }
            return rows.size();
        }));
    }

    private Head lockedHead(OrganizationId organization) {
        jdbc.sql("insert into audit_heads (org_id, seq, hash) values (:org, 0, :hash) on conflict do nothing")
                .param("org", organization.value())
                .param("hash", BEGINNING)
                .update();
        return jdbc.sql("select seq, hash from audit_heads where org_id = :org for no key update")
                .param("org", organization.value())
                .query((row, number) -> new Head(row.getLong("seq"), row.getBytes("hash")))
                .single();
    }

    private List<Row> waiting(OrganizationId organization) {
        return jdbc.sql("""
                        select l.* from audit_log l
                         where l.org_id = :org
                           and not exists (select from audit_chain c where c.org_id = l.org_id and c.audit_id = l.id)
                         order by l.recorded_at, l.id limit :limit
                        """)
                .param("org", organization.value())
                .param("limit", BATCH)
                .query(Row::read)
                .list();
    }

    private void insert(OrganizationId organization, UUID auditId, Head previous, Head link) {
        jdbc.sql("""
                        insert into audit_chain (org_id, seq, audit_id, previous_hash, hash, sealed_at)
                        values (:org, :seq, :audit, :previous, :hash, :at)
                        """)
                .param("org", organization.value())
                .param("seq", link.seq())
                .param("audit", auditId)
                .param("previous", previous.hash())
                .param("hash", link.hash())
                .param("at", clock.instant().atOffset(ZoneOffset.UTC))
                .update();
    }

    private Optional<AuditFault> firstFault(OrganizationId organization) {
        var walk = new Walk(organization);
        try (var links = inPieces.sql("""
                        select c.seq, c.audit_id, c.previous_hash, c.hash, l.*
                          from audit_chain c left join audit_log l on l.org_id = c.org_id and l.id = c.audit_id
                         where c.org_id = :org order by c.seq
                        """).param("org", organization.value()).query(Link::read).stream()) {
            var iterator = links.iterator();
            while (iterator.hasNext() && walk.fault == null) {
                walk.check(iterator.next());
            }
        }
        return Optional.ofNullable(walk.fault)
                .or(() -> endsBefore(organization, walk))
                .or(() -> unsealed(organization));
    }

    /** Rows cut off at the end leave a chain that is right in itself: only something kept elsewhere shows it. */
    private Optional<AuditFault> endsBefore(OrganizationId organization, Walk walk) {
        long head = jdbc.sql("select coalesce(max(seq), 0) from audit_heads where org_id = :org")
                .param("org", organization.value())
                .query(Long.class)
                .single();
        if (head > walk.seq) {
            return Optional.of(new AuditFault(organization, walk.seq + 1, "rows are missing at the end"));
        }
        return anchors.firstFault(organization, ANCHORS_AT_ONCE, some -> contradicted(organization, some, walk.seq));
    }

    private Optional<AuditFault> contradicted(OrganizationId organization, List<Anchor> some, long last) {
        Map<Long, String> hashes = new HashMap<>();
        jdbc.sql("select seq, hash from audit_chain where org_id = :org and seq = any(:seqs)")
                .param("org", organization.value())
                .param("seqs", some.stream().mapToLong(Anchor::seq).toArray())
                .query(row -> {
                    hashes.put(row.getLong("seq"), HexFormat.of().formatHex(row.getBytes("hash")));
                });
        return some.stream()
                .filter(anchor -> !anchor.hash().equals(hashes.get(anchor.seq())))
                .findFirst()
                .map(anchor -> anchor.seq() > last
                        ? new AuditFault(organization, last + 1, "rows are missing at the end: an anchor knows more")
                        : new AuditFault(organization, anchor.seq(), "the chain is not the one that was anchored"));
    }

    private Optional<AuditFault> unsealed(OrganizationId organization) {
        long old = jdbc.sql("""
                        select count(*) from audit_log l
                         where l.org_id = :org and l.recorded_at < :before
                           and not exists (select from audit_chain c where c.org_id = l.org_id and c.audit_id = l.id)
                        """)
                .param("org", organization.value())
                .param("before", clock.instant().minus(SEALED_WITHIN).atOffset(ZoneOffset.UTC))
                .query(Long.class)
                .single();
        return old == 0
                ? Optional.empty()
                : Optional.of(new AuditFault(organization, 0, old + " rows were never sealed or lost their link"));
    }

    /** The end of a chain. */
    record Head(long seq, byte[] hash) {}

    private static class Walk {

        private final OrganizationId organization;
        private long seq;
        private byte[] hash = BEGINNING;
        private @Nullable AuditFault fault;

        Walk(OrganizationId organization) {
            this.organization = organization;
        }

        void check(Link link) {
            var row = link.row();
            if (link.seq() != seq + 1) {
                fault = new AuditFault(organization, seq + 1, "a link is missing");
            } else if (row == null) {
                fault = new AuditFault(organization, link.seq(), "the row is missing");
            } else if (!MessageDigest.isEqual(link.previousHash(), hash)
                    || !MessageDigest.isEqual(link.hash(), row.hash(link.seq(), hash))) {
                fault = new AuditFault(organization, link.seq(), "the row or its link was changed");
            } else {
                seq = link.seq();
                hash = link.hash();
            }
        }
    }

    private record Link(
            long seq,
            byte[] previousHash,
            byte[] hash,
            @Nullable Row row) {

        static Link read(ResultSet row, int number) throws SQLException {
            return new Link(
                    row.getLong("seq"),
                    row.getBytes("previous_hash"),
                    row.getBytes("hash"),
                    row.getObject("id") == null ? null : Row.read(row, number));
        }
    }

    private record Row(UUID id, String content) {

        private static final char SEPARATOR = '\u001f';

        static Row read(ResultSet row, int number) throws SQLException {
            var id = row.getObject("id", UUID.class);
            var at = row.getObject("recorded_at", OffsetDateTime.class).toInstant();
            var actorId = row.getString("actor_id");
            return new Row(
                    id,
                    String.join(
                            String.valueOf(SEPARATOR),
                            row.getString("org_id"),
                            id.toString(),
                            at.toString(),
                            actorId == null ? "" : actorId,
                            row.getString("actor"),
                            row.getString("action"),
                            row.getString("subject_type"),
                            row.getString("subject_id"),
                            row.getString("facts")));
        }

        byte[] hash(long seq, byte[] previous) {
            try {
                var digest = MessageDigest.getInstance("SHA-256");
                digest.update(previous);
                digest.update((Long.toString(seq) + SEPARATOR).getBytes(StandardCharsets.UTF_8));
                return digest.digest(content.getBytes(StandardCharsets.UTF_8));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
