package io.github.daskjvm.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The layers of ARCHITECTURE.md: a module knows only those that it builds on. The poms say the same of jars; this says
/// it of every class, whatever a pom lets through.
class LayersTest {
    private static final String BASE = "io.github.daskjvm.";
    private static final List<String> MODULES = List.of(
            "core", "pickle", "protocol", "comm", "scheduler", "worker", "client", "examples", "monitoring", "cli");

    private static JavaClasses all;

    @BeforeAll
    static void importClasses() {
        all = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.github.daskjvm");
        assertThat(all.size()).isGreaterThan(100);
    }

    @ParameterizedTest
    @CsvSource({
        "core, ''",
        "pickle, ''",
        "protocol, pickle",
        "comm, protocol",
        "scheduler, core pickle protocol comm",
        "worker, core pickle protocol comm",
        "client, core protocol comm scheduler worker",
        "examples, client",
        "monitoring, core protocol comm scheduler worker",
        "cli, core protocol comm scheduler worker client examples monitoring",
    })
    void aModuleKnowsOnlyThoseItBuildsOn(String module, String known) {
        List<String> below = List.of(known.split(" "));
        var unknown = new ArrayList<String>();
        for (String other : MODULES) {
            if (!other.equals(module) && !below.contains(other)) {
                unknown.add(BASE + other + "..");
            }
        }
        if (unknown.isEmpty()) {
            return; // the last module may know all
        }
        noClasses()
                .that(resideInAnyPackage(BASE + module + ".."))
                .should()
                .dependOnClassesThat(resideInAnyPackage(unknown.toArray(String[]::new)))
                .check(all);
    }

    @Test
    void theCoreKnowsNothingButTheJdksBase() {
        classes()
                .that()
                .resideInAPackage(BASE + "core..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        BASE + "core..",
                        "java.lang..",
                        "java.util..",
                        "java.time..",
                        "java.math..",
                        "java.nio.charset..",
                        "java.io..", // Serializable of exceptions, UncheckedIOException
                        "org.jspecify.annotations.."))
                .check(all);
    }

    @Test
    void theCoreHasNoClockNoThreadNoSocketAndNoRandomnessOfItsOwn() {
        noClasses()
                .that()
                .resideInAPackage(BASE + "core..")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(
                        Thread.class, java.util.concurrent.ThreadLocalRandom.class, java.security.SecureRandom.class)
                .check(all);
    }

    @Test
    void theProtocolOpensNoSockets() {
        noClasses()
                .that()
                .resideInAPackage(BASE + "protocol..")
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Socket.class, ServerSocket.class, SocketChannel.class, ServerSocketChannel.class)
                .check(all);
    }

    @Test
    void onlyMonitoringSpeaksHttpAndPrometheus() {
        noClasses()
                .that(resideOutsideOfPackages(BASE + "monitoring.."))
                .should()
                .dependOnClassesThat(resideInAnyPackage("com.sun.net.httpserver..", "io.prometheus.."))
                .check(all);
    }
}
