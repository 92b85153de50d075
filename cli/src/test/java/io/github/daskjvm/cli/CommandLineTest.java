package io.github.daskjvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String commandLine) throws InterruptedException {
        String[] arguments = commandLine.isEmpty() ? new String[0] : commandLine.split(" ");
        return DaskJvm.execute(stream(out), stream(err), arguments);
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "scheduler --help",
                "worker -h",
                "demo --help",
                "monitoring --help",
                "monitoring export -h",
                "scheduler --port 0 --help"
            })
    void everyCommandHasHelp(String commandLine) throws InterruptedException {
        assertThat(run(commandLine)).isZero();
        assertThat(text(out)).startsWith("Usage: dask-jvm").contains("--version");
        assertThat(text(err)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "scheduler --version", "worker --version", "demo -V"})
    void everyCommandHasAVersion(String commandLine) throws InterruptedException {
        assertThat(run(commandLine)).isZero();
        assertThat(text(out)).startsWith("dask-jvm ").contains("Java 2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "|name a command: scheduler, worker, monitor, demo, monitoring or lab",
                "fly|there is no command 'fly'",
                "--fly|there is no option --fly",
                "scheduler --fly|there is no option --fly",
                "scheduler extra|'extra' is one argument too many",
                "scheduler --port 70000|'70000' is no port",
                "scheduler --protocol ucx|the protocol 'ucx' is not spoken here; tcp and tls are",
                "scheduler --host 127.0.0.1 --interface lo|--host and --interface both say where to listen",
                "scheduler --idle-timeout soon|'soon' is no duration for --idle-timeout",
                "scheduler --preload a.py|--preload has no meaning here: it runs Python code",
                "scheduler --jupyter|--jupyter has no meaning here",
                "scheduler --show|--show has no meaning here",
                "worker --nanny --no-nanny tcp://a:1|--nanny and --no-nanny contradict each other",
                "worker --no-nanny --lifetime-restart tcp://a:1|--lifetime-restart needs a nanny",
                "worker --lifetime soon tcp://a:1|'soon' is no duration for --lifetime",
                "worker --worker-class a.B tcp://a:1|--worker-class has no meaning here",
                "worker ucx://a:1|only tcp and tls are spoken here",
                "worker tcp://a:1 --protocol tls|a worker speaks its scheduler's protocol",
                "worker tcp://a:1 --nworkers two|'two' is no value for --nworkers",
                "worker tcp://a:1 --nworkers 2 --worker-port 3000|there are 1 ports for 2 workers",
                "worker|name the scheduler",
                "demo --nworkers 0|'0' is no value for --nworkers",
                "demo --port x|'x' is no port",
                "monitoring|say what to do about monitoring: export",
                "monitoring fly|say what to do about monitoring: export",
                "monitoring export|name the folder to write to",
                "monitoring export d --scheduler a:b|'a:b' is no address of a scheduler",
                "monitoring export d --scheduler ftp://a|'ftp://a' is no address of a scheduler",
                "monitoring export d --scheduler a --scheduler b --cluster c|there are 2 schedulers and 1 cluster",
                "monitoring export d --scheduler a --scheduler a|'a:8787' is named twice",
                "monitoring export d --cluster a'b|'a'b' can not be the name of a cluster"
            })
    void whatMakesNoSenseIsRefusedWithASentence(String commandLineAndSentence) throws InterruptedException {
        String[] parts = commandLineAndSentence.split("\\|");
        assertThat(run(parts[0])).isEqualTo(2);
        assertThat(text(err)).contains(parts[1]).contains("--help").doesNotContain("Exception");
        assertThat(text(out)).isEmpty();
    }

    @Test
    void everyOptionOfDaskIsKnownOrRefusedWithAReason() {
        // From `dask scheduler --help` and `dask worker --help`, 2024.12.1.
        String scheduler = "--host --port --interface --protocol --tls-ca-file --tls-cert --tls-key --dashboard-address"
                + " --dashboard --no-dashboard --jupyter --no-jupyter --show --no-show --dashboard-prefix"
                + " --use-xheaders --pid-file --scheduler-file --preload --idle-timeout";
        String worker = "--tls-ca-file --tls-cert --tls-key --worker-port --nanny-port --dashboard-address --dashboard"
                + " --no-dashboard --listen-address --contact-address --host --interface --protocol --nthreads"
                + " --nworkers --name --memory-limit --nanny --no-nanny --pid-file --local-directory --resources"
                + " --scheduler-file --death-timeout --dashboard-prefix --lifetime --lifetime-stagger --worker-class"
                + " --lifetime-restart --no-lifetime-restart --preload --preload-nanny --scheduler-sni";
        for (String option : scheduler.split(" ")) {
            assertThat(CommandOptions.SCHEDULER.knows(option)).as(option).isTrue();
        }
        for (String option : worker.split(" ")) {
            assertThat(CommandOptions.WORKER.knows(option)).as(option).isTrue();
        }
    }

    @Test
    void aPortThatIsTakenIsNamedWithTheOptionThatChangesIt() throws IOException, InterruptedException {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();
            assertThat(run("scheduler --host 127.0.0.1 --no-dashboard --port " + port))
                    .isEqualTo(1);
            assertThat(text(err))
                    .isEqualTo("dask-jvm scheduler: port " + port + " is already in use; choose another with --port\n");
            err.reset();
            assertThat(run("scheduler --host 127.0.0.1 --port 0 --dashboard-address 127.0.0.1:" + port))
                    .isEqualTo(1);
            assertThat(text(err))
                    .isEqualTo("dask-jvm scheduler: port " + port
                            + " is already in use; choose another with --dashboard-address\n");
        }
    }

    @Test
    void anAddressOfAnotherMachineIsSaidToBe() throws InterruptedException {
        assertThat(run("scheduler --no-dashboard --host 203.0.113.7 --port 0")).isEqualTo(1);
        assertThat(text(err)).contains("203.0.113.7").contains("no address of this machine");
    }

    @Test
    void tlsWithoutCertificatesSaysWhatIsMissing() throws InterruptedException {
        assertThat(run("scheduler --protocol tls --port 0 --no-dashboard")).isEqualTo(1);
        assertThat(text(err)).contains("--tls-cert").contains("distributed.comm.tls.scheduler.cert");
        assertThat(run("scheduler --tls-cert /nowhere.pem --tls-ca-file /nowhere.pem --port 0 --no-dashboard"))
                .isEqualTo(1);
        assertThat(text(err)).contains("/nowhere.pem");
    }

    @Test
    void aWorkerWithoutASchedulerEndsAfterItsDeathTimeout() throws IOException, InterruptedException {
        int free;
        try (var socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            free = socket.getLocalPort();
        }
        assertThat(run("worker tcp://127.0.0.1:" + free + " --no-nanny --no-dashboard --death-timeout 200ms"))
                .isEqualTo(1);
        assertThat(text(err)).contains("the worker can not join");
    }
}
