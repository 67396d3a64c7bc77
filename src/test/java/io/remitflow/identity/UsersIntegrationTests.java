package io.remitflow.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.remitflow.core.RuleViolation;
import io.remitflow.local.BooksTest;
import io.remitflow.local.TestHospital;
import io.remitflow.local.TestServices;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.DefaultApplicationArguments;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.transaction.support.TransactionTemplate;

@BooksTest
class UsersIntegrationTests {

    @Autowired
    ApplicationContext context;

    @Autowired
    Users users;

    @Autowired
    SignIn signIn;

    TestHospital hospital;

    @BeforeEach
    void openHospital() {
        hospital = TestHospital.create(context);
    }

    @Test
    void findsAPersonByTheirSignInName() {
        var clerk = hospital.user(Role.BILLING_CLERK);

        var person = users.bySignInName(hospital.signInName(Role.BILLING_CLERK)).orElseThrow();

        assertThat(person.id()).isEqualTo(clerk);
        assertThat(person.organization()).isEqualTo(hospital.id());
        assertThat(person.may(Permission.REFUNDS_REQUEST)).isTrue();
        assertThat(person.may(Permission.REFUNDS_APPROVE)).isFalse();
        assertThat(hospital.call(() -> users.signInName(clerk))).isEqualTo("billing-clerk@" + hospital.code());
    }

    /** As at a start: the check comes before jobs, routes and requests. */
    @Test
    void i7_aKeyThatDoesNotOpenWhatAnOrganizationKeepsIsRefused() {
        var organizations = context.getBean(Organizations.class);
        var right = context.getBean(EncryptionKeyCheck.class);
        var wrong = new EncryptionKeyCheck(
                context.getBean(JdbcClient.class),
                context.getBean(TransactionTemplate.class),
                organizations,
                new Secrets(SecretsTests.key((byte) 7)));

        assertThatExceptionOfType(UnusableSetting.class)
                .isThrownBy(wrong::start)
                .withMessageContaining("remitflow.encryption-key")
                .withMessageNotContaining(SecretsTests.key((byte) 7));
        right.start();

        assertThat(right.getPhase()).isEqualTo(Integer.MIN_VALUE);
        assertThat(right.isRunning()).isTrue();
        assertThat(wrong.isRunning()).isFalse();
    }

    /** After an update, or after a lost key was given up. */
    @Test
    void i7_anOrganizationWithoutAProofGetsOneAtTheNextStart() {
        var check = context.getBean(EncryptionKeyCheck.class);
        var superuser = JdbcClient.create(TestServices.postgres().superuser());
        String proofs = "encryption_key_proofs where org_id = ?";
        superuser.sql("delete from " + proofs).param(hospital.id().value()).update();

        check.start();
        check.start();

        assertThat(superuser
                        .sql("select count(*) from " + proofs)
                        .param(hospital.id().value())
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
    }

    @Test
    void theFirstOrganizationComesFromTheCommandLineWithOneAdministratorHoweverOftenItIsRun() {
        String code = hospital.code() + "-first";
        var environment =
                new MockEnvironment().withProperty("remitflow.administrator-password", "correct horse battery");
        var command = new OrganizationCommand(context.getBean(Organizations.class), users, environment);
        var arguments = new DefaultApplicationArguments(
                "--create-organization=" + code,
                "--organization-name=Saint Anne",
                "--time-zone=America/Chicago",
                "--currency=USD",
                "--administrator=anne");

        command.run(arguments);
        command.run(arguments);

        var person = users.bySignInName("anne@" + code).orElseThrow();
        assertThat(person.roles()).containsExactly(Role.ORG_ADMIN);
        assertThat(CurrentOrganization.call(person.organization(), users::all)).hasSize(1);
    }

    @Test
    void knowsNobodyOfAnotherOrganization() {
        var clerk = hospital.user(Role.BILLING_CLERK);
        var other = TestHospital.create(context);

        assertThat(other.call(() -> users.find(clerk))).isEmpty();
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> other.run(() -> users.deactivate(clerk)))
                .satisfies(e -> assertThat(e.code()).isEqualTo("not-found"));
    }

    @Test
    void aRoleTakenAwayIsGoneAtOnce() {
        var manager = hospital.user(Role.BILLING_MANAGER);

        hospital.run(() -> users.setRoles(manager, Set.of(Role.BILLING_CLERK)));

        assertThat(hospital.call(() -> users.find(manager)).orElseThrow().may(Permission.REFUNDS_APPROVE))
                .isFalse();
    }

    @Test
    void f3_deactivationAndANewPasswordEndTheSession() {
        String name = hospital.signInName(Role.BILLING_CLERK);
        var session = signIn.byPassword(name, TestHospital.PASSWORD).orElseThrow();
        assertThat(signIn.stillSignedIn(session)).isPresent();

        hospital.run(() -> users.changePassword(session.userId(), "another good password"));

        assertThat(signIn.stillSignedIn(session)).isEmpty();
        assertThat(signIn.byPassword(name, TestHospital.PASSWORD)).isEmpty();
        var next = signIn.byPassword(name, "another good password").orElseThrow();

        hospital.run(() -> users.deactivate(next.userId()));

        assertThat(signIn.stillSignedIn(next)).isEmpty();
        assertThat(signIn.byPassword(name, "another good password")).isEmpty();
    }

    @Test
    void twoHospitalsMayHaveTheSameUserName() {
        hospital.user(Role.CFO);
        var other = TestHospital.create(context);

        assertThat(other.user(Role.CFO)).isNotEqualTo(hospital.user(Role.CFO));
        assertThatExceptionOfType(RuleViolation.class)
                .isThrownBy(() -> hospital.run(() -> users.create("cfo", "Another", "some password", Set.of())));
    }
}
