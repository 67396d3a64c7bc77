package io.remitflow.refunds;

import static org.assertj.core.api.Assertions.assertThat;

import io.remitflow.identity.Role;
import io.remitflow.local.BooksTest;
import io.remitflow.local.SftpStandIn;
import io.remitflow.local.TestServices;
import io.remitflow.refunds.gateway.AchOutbox;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.ApplicationContext;
import org.springframework.test.context.ContextConfiguration;

/** Refunds by ACH whose files the bank fetches from its SFTP server. */
@BooksTest
@ContextConfiguration(initializers = {TestServices.Books.class, SftpStandIn.Routes.class})
class SftpOutboxIntegrationTests {

    @Test
    void aReleasedFileIsWrittenOnceAndOneThatCannotBeWrittenIsNotCalledSent(@Autowired ApplicationContext context) {
        SftpStandIn sftp = SftpStandIn.shared();
        var payouts = new PayoutBooks(context);
        payouts.bankAccount("123456789");
        payouts.approved(RefundMethod.ACH, "120.50");
        AchBatch batch = payouts.release(Role.ACCOUNTING_STAFF);
        Path outbox = sftp.directory("outbox", payouts.books.hospital.code(), "ach");
        var route = context.getBean(AchOutbox.class);

        route.sendAll();
        route.sendAll();

        assertThat(sftp.files(outbox)).containsExactly(batch.fileName());
        assertThat(outbox.resolve(batch.fileName())).content().contains("12050");

        payouts.approved(RefundMethod.ACH, "45.25");
        AchBatch lost = payouts.release(Role.ACCOUNTING_STAFF);
        sftp.away();
        route.sendAll();
        sftp.back();
        route.sendAll();

        assertThat(sftp.files(outbox)).as("a person looks first").containsExactly(batch.fileName());
        assertThat(payouts.books.hospital.call(
                        () -> payouts.bean(AchBatches.class).get(lost.id()).state()))
                .isEqualTo(AchBatch.State.SENDING);
    }
}
