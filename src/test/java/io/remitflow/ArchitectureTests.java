package io.remitflow;

import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.camunda.client.annotation.JobWorker;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;
import org.springframework.data.repository.Repository;
import org.springframework.modulith.core.ApplicationModules;
import org.springframework.modulith.docs.Documenter;
import org.springframework.transaction.annotation.Transactional;

/** What holds between the modules. The diagrams for docs/architecture.md are written to target/spring-modulith-docs. */
class ArchitectureTests {

    public static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackagesOf(Remitflow.class);

    @Test
    void modulesFormTheDeclaredGraph() {
        var modules = ApplicationModules.of(Remitflow.class);
        new Documenter(modules).writeModulesAsPlantUml().writeIndividualModulesAsPlantUml();
        modules.verify();
    }

    @Test
    void moneyIsNeverFloatingPoint() {
        noFields()
                .should()
                .haveRawType(double.class)
                .orShould()
                .haveRawType(Double.class)
                .orShould()
                .haveRawType(float.class)
                .orShould()
                .haveRawType(Float.class)
                .because("amounts are exact: minor units or Joda-Money")
                .check(CLASSES);
    }

    @Test
    void timeComesFromTheClock() {
        noClasses()
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(LocalDate.class, "now")
                .orShould()
                .callMethod(LocalDateTime.class, "now")
                .orShould()
                .callMethod(OffsetDateTime.class, "now")
                .orShould()
                .callMethod(ZonedDateTime.class, "now")
                .because("business dates must be testable; inject " + Clock.class.getName())
                .check(CLASSES);
    }

    @Test
    void workersArePublicAndOpenNoTransaction() {
        methods()
                .that()
                .areAnnotatedWith(JobWorker.class)
                .should()
                .bePublic()
                .andShould()
                .beDeclaredInClassesThat()
                .arePublic()
                .andShould()
                .notBeAnnotatedWith(Transactional.class)
                .because("the starter calls them by plain reflection, and the service owns the transaction")
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void camundaStaysInProcessPackages() {
        noClasses()
                .that()
                .resideOutsideOfPackages("..process..", "io.remitflow.workflow..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.camunda..")
                .because("the engine is reached through workflow")
                .check(CLASSES);
    }

    @Test
    void camelStaysAtTheEdges() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.remitflow.intake..", "..feed..", "..gateway..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.camel..")
                .because("routes move and translate; they do not decide")
                .check(CLASSES);
    }

    @Test
    void repositoriesArePrivateToTheirModule() {
        noClasses()
                .that()
                .areAssignableTo(Repository.class)
                .should()
                .haveModifier(PUBLIC)
                .because("other modules ask the service")
                .allowEmptyShould(true)
                .check(CLASSES);
    }
}
