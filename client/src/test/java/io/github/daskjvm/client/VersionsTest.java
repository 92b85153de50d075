package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.Connection;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class VersionsTest {
    private static final String JAVA = Runtime.version().toString();

    private static Connection open(LocalCluster cluster) throws IOException {
        return Connection.open(Address.parse(cluster.schedulerAddress()), null, Duration.ofSeconds(60));
    }

    /// A worker, as far as registration goes, that says it runs the given versions.
    private static Map<?, ?> register(Connection connection, String name, Map<String, ?> versions) throws IOException {
        var message = new HashMap<String, Object>();
        message.put("op", "register-worker");
        message.put("reply", false);
        message.put("address", "tcp://127.0.0.1:" + Math.floorMod(name.hashCode(), 1000));
        message.put("status", "init");
        message.put("nthreads", 1);
        message.put("name", name);
        message.put("memory_limit", 0);
        message.put("metrics", Map.of());
        message.put("versions", Map.of("packages", Map.of(), "jvm", versions));
        message.put("extra", Map.of("runtime", "jvm"));
        connection.write(message);
        return (Map<?, ?>) connection.read();
    }

    private static Map<String, ?> program(String java, Map<String, String> jars, int form) {
        return Map.of("java", java, "serializers", Map.of("java-plain", form), "jars", jars);
    }

    @Test
    void equalProgramsDifferInNothing() throws Exception {
        try (LocalCluster cluster = LocalCluster.builder().workers(2).start();
                Client client = cluster.client()) {
            ClusterVersions versions = client.getVersions();

            assertThat(versions.differences()).isEmpty();
            assertThat(versions.client().java()).isEqualTo(JAVA);
            assertThat(versions.scheduler().java()).isEqualTo(JAVA);
            assertThat(versions.workers()).hasSize(2).containsValue(versions.client());
            assertThat(versions.client().serializers()).containsKeys("java", "java-plain");
            assertThat(versions.client().jars()).isNotEmpty();
        }
    }

    @Test
    void whoDiffersIsToldBothValues() throws Exception {
        try (LocalCluster cluster = LocalCluster.builder().workers(1).start();
                Client client = cluster.client();
                Connection first = open(cluster);
                Connection second = open(cluster)) {
            String jar = client.getVersions().client().jars().keySet().stream()
                    .filter(each -> each.startsWith("slf4j-api"))
                    .findFirst()
                    .orElseThrow();
            String hash = client.getVersions().client().jars().get(jar);

            Map<?, ?> differs = register(
                    first,
                    "first",
                    program("99.0.1", Map.of("slf4j-api-1.0.jar", "0123456789ab", "own-1.jar", "aaa"), 1));
            assertThat(differs.get("status")).isEqualTo("OK");
            assertThat((String) differs.get("warning"))
                    .contains("99.0.1", JAVA, "slf4j-api-1.0.jar 0123456789ab", jar + " " + hash)
                    .doesNotContain("own-1.jar");
            Map<?, ?> sameJava = register(second, "second", program(JAVA, Map.of("own-1.jar", "bbb"), 1));
            assertThat((String) sameJava.get("warning")).contains("own-1.jar aaa", "own-1.jar bbb");

            assertThat(client.getVersions().differences())
                    .contains("this client", "99.0.1", JAVA, "slf4j-api-1.0.jar 0123456789ab", jar + " " + hash);
            assertThat(client.getVersions().workers()).hasSize(3);
            var lines = new ListAppender<ILoggingEvent>();
            var log = (Logger) LoggerFactory.getLogger(SchedulerLink.class);
            lines.start();
            log.addAppender(lines);
            try (Client another = Client.connect(cluster.schedulerAddress())) {
                assertThat(lines.list)
                        .anySatisfy(
                                line -> assertThat(line.getFormattedMessage()).contains("99.0.1", JAVA));
            } finally {
                log.detachAppender(lines);
            }
        }
    }

    @Test
    void aProgramThatWritesValuesInAnotherFormIsRefused() throws Exception {
        try (LocalCluster cluster = LocalCluster.builder().workers(1).start();
                Connection worker = open(cluster);
                Connection client = open(cluster)) {
            Map<?, ?> refused = register(worker, "other", program(JAVA, Map.of(), 7));
            assertThat(refused.get("status")).isEqualTo("error");
            assertThat((String) refused.get("message")).contains("java-plain in form 7", "in form 1");

            client.write(Map.of(
                    "op",
                    "register-client",
                    "client",
                    "Client-other",
                    "reply",
                    false,
                    "runtime",
                    "jvm",
                    "versions",
                    Map.of("jvm", program(JAVA, Map.of(), 7))));
            assertThat(String.valueOf(((Map<?, ?>) ((List<?>) client.read()).getFirst()).get("error")))
                    .contains("java-plain in form 7");
            assertThatThrownBy(client::read).isInstanceOf(IOException.class);
        }
    }
}
