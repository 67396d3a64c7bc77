package io.remitflow.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.writer.openssh.OpenSSHKeyPairResourceWriter;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;

/** The SFTP server of a bank or clearinghouse: it lets in who has the key, and keeps what it gets in a directory. */
public final class SftpStandIn implements AutoCloseable {

    private static final String USER = "hospital";
    private static final int KEY_BITS = 2048;

    private final Path root;
    private final Path keys;
    private final KeyPair serverKey;
    private final KeyPair userKey;
    private final int port = Ports.free();
    private SshServer server;

    private SftpStandIn(Path directory) {
        root = directory.resolve("server");
        keys = directory.resolve("keys");
        try {
            Files.createDirectories(root);
            Files.createDirectories(keys);
            serverKey = KeyUtils.generateKeyPair(KeyPairProvider.SSH_RSA, KEY_BITS);
            userKey = KeyUtils.generateKeyPair(KeyPairProvider.SSH_RSA, KEY_BITS);
            try (var key = Files.newOutputStream(keys.resolve("id"))) {
                OpenSSHKeyPairResourceWriter.INSTANCE.writePrivateKey(userKey, USER, null, key);
            }
            Files.writeString(
                    keys.resolve("known_hosts"),
                    "[127.0.0.1]:%d %s%n".formatted(port, PublicKeyEntry.toString(serverKey.getPublic())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        server = started();
    }

    private static final class Shared {
        static final SftpStandIn SERVER =
                new SftpStandIn(TestServices.directory().resolve("sftp"));
    }

    /** One per JVM. */
    public static SftpStandIn shared() {
        return Shared.SERVER;
    }

    /** All inboxes and the outbox are on that server, as operations.md says it. */
    public static final class Routes implements ApplicationContextInitializer<ConfigurableApplicationContext> {

        @Override
        public void initialize(ConfigurableApplicationContext context) {
            SftpStandIn sftp = shared();
            String work = TestServices.files("sftp").resolve("work").toString();
            String in = sftp.address("inbox") + "&localWorkDirectory=" + work;
            TestPropertyValues.of(Map.of(
                            "remitflow.files.directory",
                                    TestServices.files("sftp").toString(),
                            "remitflow.inbox.era-uri", in,
                            "remitflow.inbox.bank-uri", in,
                            "remitflow.inbox.checks-uri", in,
                            "remitflow.inbox.ach-returns-uri", in,
                            "remitflow.outbox.ach-uri",
                                    sftp.address("outbox") + "&fileExist=Fail&tempPrefix=.writing-"))
                    .applyTo(context);
        }
    }

    private String address(String directory) {
        return "sftp://%s@127.0.0.1:%d/%s?privateKeyFile=%s&knownHostsFile=%s&strictHostKeyChecking=yes&useUserKnownHostsFile=false"
                .formatted(USER, port, directory, keys.resolve("id"), keys.resolve("known_hosts"));
    }

    private SshServer started() {
        var started = SshServer.setUpDefaultServer();
        started.setHost("127.0.0.1");
        started.setPort(port);
        started.setKeyPairProvider(KeyPairProvider.wrap(serverKey));
        started.setPublickeyAuthenticator(
                (name, key, session) -> name.equals(USER) && KeyUtils.compareKeys(key, userKey.getPublic()));
        started.setSubsystemFactories(List.of(new SftpSubsystemFactory()));
        started.setFileSystemFactory(new VirtualFileSystemFactory(root));
        try {
            started.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return started;
    }

    /** Nobody can sign in until {@link #back}. */
    public void away() {
        close();
    }

    public void back() {
        server = started();
    }

    public Path directory(String first, String... more) {
        try {
            return Files.createDirectories(root.resolve(Path.of(first, more)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By a partner, who finished it two minutes ago. */
    public void deliver(Path directory, String name, byte[] bytes) {
        try {
            Path arriving = Files.write(root.resolve(name + ".arriving"), bytes);
            Files.setLastModifiedTime(arriving, FileTime.from(Instant.now().minusSeconds(120)));
            Files.move(arriving, directory.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Names of files, none if there is no such directory. */
    public List<String> files(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            server.stop(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
