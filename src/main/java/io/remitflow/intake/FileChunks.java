package io.remitflow.intake;

import io.remitflow.core.Refusal;
import io.remitflow.core.RuleViolation;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.OrganizationId;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Bytes of files in the database, one megabyte at a time. */
@Component
class FileChunks {

    static final int CHUNK_BYTES = 1024 * 1024;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;

    FileChunks(JdbcClient jdbc, TransactionTemplate transaction) {
        this.jdbc = jdbc;
        this.transaction = transaction;
    }

    record Content(String sha256, long size) {}

    Content store(UUID fileId, InputStream bytes, long maximumBytes) {
        MessageDigest digest = sha256();
        long size = 0;
        try {
            byte[] chunk = bytes.readNBytes(CHUNK_BYTES);
            for (int position = 0; chunk.length > 0; position++) {
                size += chunk.length;
                if (size > maximumBytes) {
                    throw new RuleViolation(
                            Refusal.FILE_TOO_LARGE, "the file is larger than %,d bytes".formatted(maximumBytes));
                }
                digest.update(chunk);
                insert(fileId, position, chunk);
                chunk = bytes.readNBytes(CHUNK_BYTES);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (size == 0) {
            throw new RuleViolation(Refusal.FILE_EMPTY, "the file is empty");
        }
        return new Content(HexFormat.of().formatHex(digest.digest()), size);
    }

    InputStream open(UUID fileId) {
        return new ChunkStream(fileId, CurrentOrganization.id());
    }

    private void insert(UUID fileId, int position, byte[] chunk) {
        jdbc.sql(
                        "insert into intake_file_chunks (org_id, file_id, position, bytes) values (:org, :file, :position, :bytes)")
                .param("org", CurrentOrganization.id().value())
                .param("file", fileId)
                .param("position", position)
                .param("bytes", chunk)
                .update();
    }

    private byte[] read(OrganizationId organization, UUID fileId, int position) {
        return CurrentOrganization.call(
                organization,
                () -> transaction.execute(status -> jdbc.sql(
                                "select bytes from intake_file_chunks where org_id = :org and file_id = :file and position = :position")
                        .param("org", organization.value())
                        .param("file", fileId)
                        .param("position", position)
                        .query((row, number) -> row.getBytes(1))
                        .optional()
                        .orElse(new byte[0])));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One chunk in memory at a time, each fetched in a short transaction of its own (or in the reader's). */
    private final class ChunkStream extends InputStream {

        private final UUID fileId;
        private final OrganizationId organization;
        private byte[] chunk = new byte[0];
        private int offset;
        private int next;

        private ChunkStream(UUID fileId, OrganizationId organization) {
            this.fileId = fileId;
            this.organization = organization;
        }

        @Override
        public int read() {
            return fill() ? chunk[offset++] & 0xff : -1;
        }

        @Override
        public int read(byte[] target, int from, int length) {
            if (length == 0) {
                return 0;
            }
            if (!fill()) {
                return -1;
            }
            int count = Math.min(length, chunk.length - offset);
            System.arraycopy(chunk, offset, target, from, count);
            offset += count;
            return count;
        }

        private boolean fill() {
            if (offset < chunk.length) {
                return true;
            }
            if (next > 0 && chunk.length < CHUNK_BYTES) {
                return false;
            }
            chunk = FileChunks.this.read(organization, fileId, next++);
            offset = 0;
            return chunk.length > 0;
        }
    }
}
