package io.github.daskjvm.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.worker.WorkerSnapshot;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.worker.task.JavaCodec;
import io.github.daskjvm.worker.task.KeyReference;
import io.github.daskjvm.worker.task.SerializableCallable;
import io.github.daskjvm.worker.task.SerializableFunction;
import io.github.daskjvm.worker.task.TaskCall;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerMemoryTest extends WorkerFixture {
    private static final int MIB = 1 << 20;
    /// Kept by tasks, and nobody's result.
    private static final List<byte[]> LEAKED = new ArrayList<>();

    @TempDir
    private Path folder;

    private WorkerOptions.Builder options(long limitBytes) {
        return WorkerOptions.builder(scheduler.address())
                .nthreads(1)
                .memoryLimitBytes(limitBytes)
                .memory(MemorySettings.DEFAULT.fractions(0.6, 0, 0))
                .localDirectory(folder.toString());
    }

    private static byte[] noise(int seed, int bytes) {
        byte[] noise = new byte[bytes];
        new Random(seed).nextBytes(noise);
        return noise;
    }

    private static SerializableCallable<byte[]> making(int seed, int bytes) {
        return () -> noise(seed, bytes);
    }

    private void compute(Worker worker, String key, SerializableCallable<?> task) throws Exception {
        scheduler.send(worker.address(), scheduler.compute(key, task));
    }

    /// What a worker that goes on has in the folder: what it deletes meanwhile may be missing.
    private static List<Path> files(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile() && !file.toString().endsWith(".lock")) {
                    files.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }
        });
        return files;
    }

    @Test
    void resultsBeyondTheTargetGoToDiskAndComeBackForTasksAndPeers() throws Exception {
        Worker worker = worker(options(10 * MIB).build());
        for (int i = 0; i < 10; i++) {
            compute(worker, "r" + i, making(i, MIB));
            scheduler.await("task-finished", "r" + i);
        }
        assertThat(worker.snapshot().memory().managedBytes()).isLessThanOrEqualTo(6 * MIB);
        assertThat(worker.snapshot().memory().spilledBytes()).isGreaterThan(4L * MIB);
        assertThat(worker.snapshot().tasksByState()).containsEntry("disk", 5).containsEntry("memory", 5);
        assertThat(files(folder)).hasSize(5);

        SerializableFunction<byte[], Integer> last = bytes -> (int) bytes[bytes.length - 1];
        scheduler.send(
                worker.address(),
                scheduler.compute(
                        "last",
                        Map.of("r0", List.of(worker.address())),
                        new TaskCall(last, List.of(new KeyReference(TaskKey.of("r0")))).payload()));
        scheduler.await("task-finished", "last");

        assertThat(fetch(worker, "last")).isEqualTo((int) noise(0, MIB)[MIB - 1]);
        for (int i = 0; i < 10; i++) {
            assertThat(fetch(worker, "r" + i)).isEqualTo(noise(i, MIB));
        }
        assertThat(worker.snapshot().spills().reads()).isPositive();

        List<String> keys = new ArrayList<>(List.of("last"));
        for (int i = 0; i < 10; i++) {
            keys.add("r" + i);
        }
        call(worker, Map.of("op", "free_keys", "keys", keys, "stimulus_id", "s"));
        await(() -> worker.snapshot().memory().spilledBytes() == 0);
        await(() -> {
            try {
                return files(folder).isEmpty();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        worker.close();
        try (var left = Files.list(folder.resolve("dask-scratch-space"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aLargeResultThatNobodyWantsAnyMoreLeavesNoFile() throws Exception {
        Worker worker = worker(options(10 * MIB).build());
        compute(worker, "large", () -> {
            entered.countDown();
            try {
                gate.await();
            } catch (InterruptedException e) {
                // It goes on all the same.
            }
            return noise(1, 8 * MIB);
        });
        entered.await();
        call(worker, Map.of("op", "free_keys", "keys", List.of("large"), "stimulus_id", "s"));
        gate.countDown();
        await(() -> worker.snapshot().spills().writes() == 1);
        await(() -> {
            try {
                return files(folder).isEmpty();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        assertThat(worker.snapshot().memory().spilledBytes()).isZero();
    }

    @Test
    void whatPeersPlaceIsSpilledTooByWhoeverWatches() throws Exception {
        Worker worker = worker(options(10 * MIB).build());
        for (int i = 0; i < 10; i++) {
            call(worker, Map.of("op", "update_data", "data", Map.of("p" + i, JavaCodec.payload(noise(i, MIB)))));
        }
        await(() -> worker.snapshot().memory().managedBytes() <= 6 * MIB);
        for (int i = 0; i < 10; i++) {
            assertThat(fetch(worker, "p" + i)).isEqualTo(noise(i, MIB));
        }
    }

    @Test
    void onAFullDiskTheTaskFailsWithAReasonAndTheWorkerGoesOn() throws Exception {
        Path small = folder.resolve("small");
        Files.createDirectories(small);
        assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", small.toString()) == 0, "needs root");
        try {
            failsForWantOfRoom(
                    options(10 * MIB).localDirectory(small.toString()).build(), "No space left");
        } finally {
            assertThat(run("umount", "-l", small.toString())).isZero();
        }
    }

    @Test
    void whereMaxSpillIsReachedTheTaskFailsWithAReasonAndTheWorkerGoesOn() throws Exception {
        failsForWantOfRoom(
                options(10 * MIB)
                        .memory(MemorySettings.DEFAULT.fractions(0.6, 0, 0).maxSpillBytes(3 * MIB))
                        .build(),
                "max-spill");
    }

    private void failsForWantOfRoom(WorkerOptions options, String reason) throws Exception {
        Worker worker = worker(options);
        int held = 0;
        String failed = "";
        for (int i = 0; i < 20 && failed.isEmpty(); i++) {
            String key = "r" + i;
            compute(worker, key, making(i, MIB));
            Fields told = ended(key);
            if (told.op().equals("task-erred")) {
                failed = key;
                assertThat(told.get("exception_text").toString())
                        .contains(key)
                        .contains("no room")
                        .contains(reason);
            } else {
                held++;
            }
        }
        assertThat(failed).isNotEmpty();
        assertThat(held).isBetween(10, 13);
        for (int i = 0; i < held; i++) {
            assertThat(fetch(worker, "r" + i)).isEqualTo(noise(i, MIB));
        }
        compute(worker, "large", making(99, 8 * MIB));
        scheduler.await("task-erred", "large");

        List<String> keys = new ArrayList<>();
        for (int i = 0; i < held; i++) {
            keys.add("r" + i);
        }
        call(worker, Map.of("op", "free_keys", "keys", keys, "stimulus_id", "s"));
        await(() -> worker.snapshot().memory().managedBytes() == 0);
        compute(worker, "again", making(7, MIB));
        scheduler.await("task-finished", "again");
        assertThat(fetch(worker, "again")).isEqualTo(noise(7, MIB));
        assertThat(worker.status().wireName()).isEqualTo("running");
        worker.close();
    }

    private Fields ended(String key) throws InterruptedException {
        await(() -> scheduler.received().stream().anyMatch(message -> isEnd(message, key)));
        return scheduler.received().stream()
                .filter(message -> isEnd(message, key))
                .findFirst()
                .orElseThrow();
    }

    private static boolean isEnd(Fields message, String key) {
        return message.op().matches("task-finished|task-erred") && key.equals(message.get("key"));
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    @Test
    void aTaskThatRunsOutOfMemoryFailsAndTheWorkerGoesOn() throws Exception {
        Worker worker = worker();
        compute(worker, "much", () -> {
            List<long[]> all = new ArrayList<>();
            while (true) {
                all.add(new long[Integer.MAX_VALUE - 8]);
            }
        });
        Fields erred = scheduler.await("task-erred", "much");
        assertThat(erred.get("exception_text").toString()).contains("OutOfMemoryError");
        compute(worker, "little", () -> 1);
        scheduler.await("task-finished", "little");
        assertThat(fetch(worker, "little")).isEqualTo(1);
    }

    /// What tasks keep besides their results counts, as a collection finds it.
    @Test
    void aWorkerPausesWhileMemoryIsShortAndGoesOnAfterwards() throws Exception {
        LEAKED.clear();
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        long limit = runtime.totalMemory() - runtime.freeMemory() + 200L * MIB;
        Worker worker = worker(options(limit)
                .memory(MemorySettings.DEFAULT.fractions(0, 0, 0.9))
                .build());
        assertThat(worker.status().wireName()).isEqualTo("running");

        compute(worker, "leak", () -> {
            for (int i = 0; i < 25; i++) {
                LEAKED.add(new byte[10 * MIB]);
            }
            return LEAKED.size();
        });
        scheduler.await("task-finished", "leak");
        System.gc();
        scheduler.await("worker-status-change", m -> "paused".equals(m.get("status")));
        compute(worker, "later", () -> "ran");

        LEAKED.clear();
        scheduler.await("task-finished", "later");
        assertThat(worker.status().wireName()).isEqualTo("running");
    }

    @Test
    void resultsGoToDiskWhenAllMemoryIsShortThoughTheyAreBelowTheirTarget() throws Exception {
        LEAKED.clear();
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        long limit = runtime.totalMemory() - runtime.freeMemory() + 400L * MIB;
        Worker worker = worker(options(limit)
                .memory(MemorySettings.DEFAULT.fractions(0, 0.9, 0))
                .build());
        for (int i = 0; i < 5; i++) {
            compute(worker, "r" + i, making(i, 20 * MIB));
            scheduler.await("task-finished", "r" + i);
        }
        assertThat(worker.snapshot().memory().spilledBytes()).isZero();

        compute(worker, "leak", () -> LEAKED.add(new byte[350 * MIB]));
        scheduler.await("task-finished", "leak");
        System.gc();

        await(() -> worker.snapshot().memory().spilledBytes() > 0);
        LEAKED.clear();
        for (int i = 0; i < 5; i++) {
            assertThat(fetch(worker, "r" + i)).isEqualTo(noise(i, 20 * MIB));
        }
    }

    /// Two of one JVM: what neither knows of is counted half to each.
    @Test
    void workersOfOneProcessShareItsHeap() throws Exception {
        Worker one = worker();
        Worker two = worker();
        call(one, Map.of("op", "update_data", "data", Map.of("d", JavaCodec.payload(noise(1, 20 * MIB)))));
        System.gc();
        await(() ->
                one.snapshot().memory().processBytes() > two.snapshot().memory().processBytes());

        WorkerSnapshot.Memory first = one.snapshot().memory();
        WorkerSnapshot.Memory second = two.snapshot().memory();
        assertThat(first.managedBytes()).isGreaterThan(20L * MIB);
        assertThat(second.managedBytes()).isZero();
        assertThat(second.processBytes()).isPositive();
        assertThat(first.processBytes() + second.processBytes())
                .isLessThan(Runtime.getRuntime().maxMemory());
    }

    @Test
    void folderOfADeadProcessIsRemovedAndThatOfALivingOneIsNot() throws Exception {
        Worker living = worker(options(10 * MIB).build());
        Path space = folder.resolve("dask-scratch-space");
        Path stale = space.resolve("jvm-worker-stale");
        Files.createDirectories(stale.resolve("storage"));
        Files.write(stale.resolve("storage").resolve("1"), new byte[10]);
        Files.createFile(space.resolve("jvm-worker-stale.lock"));
        Path pythons = Files.createDirectories(space.resolve("worker-abc"));
        Files.createFile(space.resolve("worker-abc.dirlock"));

        worker(options(10 * MIB).build());

        assertThat(stale).doesNotExist();
        assertThat(space.resolve("jvm-worker-stale.lock")).doesNotExist();
        assertThat(pythons).exists();
        try (var all = Files.list(space)) {
            assertThat(all.filter(each -> each.toString().contains("jvm-worker")))
                    .hasSize(4);
        }
        assertThat(living.status().wireName()).isEqualTo("running");
    }
}
