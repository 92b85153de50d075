package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.worker.Worker;
import io.github.daskjvm.worker.WorkerOptions;
import io.github.daskjvm.worker.task.SerializableFunction;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploadJarTest {
    @TempDir
    Path folder;

    /// A function of a class that is in no class path: it multiplies, and wraps the product into a class of its own.
    private Path jar(String name, String factor) throws IOException {
        Path sources = Files.createDirectories(folder.resolve("src-" + factor + "/acme"));
        Path file = Files.writeString(sources.resolve("Times.java"), """
                package acme;
                public class Times implements io.github.daskjvm.worker.task.SerializableFunction<Integer, Object> {
                    private static final long serialVersionUID = 1;
                    public record Product(int value) implements java.io.Serializable {}
                    @Override public Object apply(Integer x) {
                        Product[] products = {new Product(x * FACTOR)};
                        return products;
                    }
                }
                """.replace("FACTOR", factor));
        Path classes = Files.createDirectories(folder.resolve("classes-" + factor));
        int status = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        "-d",
                        classes.toString(),
                        file.toString());
        assertThat(status).isZero();
        Path jar = folder.resolve(name);
        try (var out = new JarOutputStream(Files.newOutputStream(jar));
                var files = Files.walk(classes)) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new JarEntry(classes.relativize(each).toString()));
                out.write(Files.readAllBytes(each));
            }
        }
        return jar;
    }

    private static Client clientWith(String scheduler, Path jar) throws Exception {
        var loader = new URLClassLoader(
                new URL[] {jar.toUri().toURL()}, Thread.currentThread().getContextClassLoader());
        return Client.connect(scheduler, ClientOptions.DEFAULT.classLoader(loader));
    }

    private static Future<Object> times(Client client, Path jar, int x, TaskOptions options) throws Exception {
        var loader = new URLClassLoader(
                new URL[] {jar.toUri().toURL()}, Thread.currentThread().getContextClassLoader());
        @SuppressWarnings("unchecked")
        var function = (SerializableFunction<Integer, Object>)
                loader.loadClass("acme.Times").getDeclaredConstructor().newInstance();
        return client.with(options).submit(function, Arg.value(x));
    }

    private static String text(Object products) {
        return List.of((Object[]) products).toString();
    }

    @Test
    void theClassesOfAJarAreUsedByWorkersThatAreThereAndThatCome() throws Exception {
        Path jar = jar("acme-1.0.jar", "3");
        try (LocalCluster cluster = LocalCluster.builder().workers(2).start();
                Client client = clientWith(cluster.schedulerAddress(), jar)) {
            assertThatThrownBy(() -> times(client, jar, 1, TaskOptions.DEFAULT).get())
                    .isInstanceOf(ExecutionException.class)
                    .hasStackTraceContaining("acme.Times")
                    .hasStackTraceContaining("client.uploadJar(path)");

            client.uploadJar(jar);
            for (var worker : cluster.workers()) {
                Future<Object> future = times(client, jar, 5, TaskOptions.DEFAULT.workers(worker.address()));
                assertThat(text(future.get())).isEqualTo("[Product[value=15]]");
            }
            String late = cluster.addWorker().address();
            assertThat(text(times(client, jar, 6, TaskOptions.DEFAULT.workers(late))
                            .get()))
                    .isEqualTo("[Product[value=18]]");
            try (var process = WorkerProcess.start(cluster.schedulerAddress(), "elsewhere")) {
                client.waitForWorkers(4, Duration.ofSeconds(60));
                assertThat(text(times(client, jar, 7, TaskOptions.DEFAULT.workers("elsewhere"))
                                .get()))
                        .isEqualTo("[Product[value=21]]");
            }
        }
    }

    @Test
    void aJarOfTheSameNameReplacesTheOneBefore() throws Exception {
        Path first = jar("acme.jar", "3");
        try (LocalCluster cluster = LocalCluster.builder().workers(1).start();
                Client client = clientWith(cluster.schedulerAddress(), first)) {
            client.uploadJar(first);
            assertThat(text(times(client, first, 5, TaskOptions.DEFAULT).get())).isEqualTo("[Product[value=15]]");
            client.uploadJar(first);
            assertThat(text(times(client, first, 6, TaskOptions.DEFAULT).get())).isEqualTo("[Product[value=18]]");

            Path second = jar("acme.jar", "4");
            client.uploadJar(second);
            client.uploadJar(jar("other.jar", "5"));

            assertThat(text(times(client, second, 5, TaskOptions.DEFAULT).get()))
                    .isEqualTo("[Product[value=20]]");
        }
    }

    private static Worker worker(SchedulerProcess scheduler) throws Exception {
        return Worker.start(WorkerOptions.builder(scheduler.address())
                .host("127.0.0.1")
                .nthreads(1)
                .build());
    }

    @Test
    void aSchedulerThatWasKilledAndStartedAgainHasTheJarsBeforeTheTasksThatWaited() throws Exception {
        Path jar = jar("acme.jar", "3");
        try (var first = SchedulerProcess.start(0);
                Worker lost = worker(first);
                Client client = clientWith(first.address(), jar)) {
            client.uploadJar(jar);
            Future<Object> before = times(client, jar, 5, TaskOptions.DEFAULT);
            assertThat(text(before.get())).isEqualTo("[Product[value=15]]");
            Path classes = Files.move(jar, folder.resolve("no-longer-needed.jar"));
            first.kill();
            Await.until("the client has noticed", before::isCancelled);
            CompletableFuture<String> waiting = Await.beside(
                    () -> text(times(client, classes, 6, TaskOptions.DEFAULT).get()));

            try (var second = SchedulerProcess.start(first.port());
                    Worker early = worker(second)) {
                assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo("[Product[value=18]]");
                try (Worker late = worker(second)) {
                    TaskOptions there = TaskOptions.DEFAULT.workers(late.address());
                    assertThat(text(times(client, classes, 7, there).get())).isEqualTo("[Product[value=21]]");
                }
                assertThat(early.address()).isNotEqualTo(lost.address());
            }
        }
    }

    @Test
    void aJarThatAnotherHasBroughtIsLeftAlone() throws Exception {
        Path old = jar("acme.jar", "3");
        try (LocalCluster cluster = LocalCluster.builder().workers(1).start();
                Client client = clientWith(cluster.schedulerAddress(), old)) {
            var code = new ClusterCode(client::call);
            code.upload(old);
            Path newer = jar("acme.jar", "4");
            client.uploadJar(newer);

            code.bringAgain();

            assertThat(text(times(client, newer, 5, TaskOptions.DEFAULT).get())).isEqualTo("[Product[value=20]]");
        }
    }

    @Test
    void whatIsNoJarIsRefusedAndNothingIsChanged() throws Exception {
        try (LocalCluster cluster = LocalCluster.builder().workers(1).start();
                Client client = cluster.client()) {
            var wrong = new ArrayList<Path>();
            wrong.add(Files.writeString(folder.resolve("text.jar"), "no archive"));
            wrong.add(Files.writeString(folder.resolve("lib.zip"), "no name of a jar"));
            for (Path each : wrong) {
                assertThatThrownBy(() -> client.uploadJar(each))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining(each.getFileName().toString());
            }
            assertThatThrownBy(() -> client.uploadJar(folder.resolve("absent.jar")))
                    .isInstanceOf(IOException.class);
            assertThat(client.submit(() -> 1).get()).isEqualTo(1);
        }
    }
}
