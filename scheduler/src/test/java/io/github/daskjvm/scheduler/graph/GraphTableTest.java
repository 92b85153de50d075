package io.github.daskjvm.scheduler.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.TaskSpec;
import io.github.daskjvm.core.scheduler.TaskSpec.TaskOptions;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.PayloadFrames;
import io.github.daskjvm.protocol.PickleReader;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GraphTableTest {
    private static final TaskKey Y0 = TaskKey.of(List.of("y", 0));
    private static final TaskKey Y1 = TaskKey.of(List.of("y", 1));

    private static List<TaskSpec> read(String name, int pages) throws Exception {
        var table = new GraphTable(Recordings.request(name));
        for (int i = 0; i < pages; i++) {
            table.add(Recordings.bytes(name + ".page-" + i));
            assertThat(table.token() == null).isEqualTo(i == pages - 1);
        }
        return table.tasks();
    }

    @Test
    void tasksAreReadFromAllPages() throws Exception {
        List<TaskSpec> tasks = read("chain", 3);

        assertThat(tasks).extracting(TaskSpec::key).containsExactly(TaskKey.of("x"), Y0, Y1);
        assertThat(tasks).extracting(TaskSpec::order).containsExactly(0L, 1L, 2L);
        assertThat(tasks).extracting(TaskSpec::runtime).containsOnly(Runtime.PYTHON);
        assertThat(tasks).extracting(TaskSpec::options).containsOnly(TaskOptions.NONE);
        assertThat(tasks.get(0).dependencies()).isEmpty();
        assertThat(tasks.get(1).dependencies()).containsExactly(TaskKey.of("x"));
        assertThat(tasks.get(2).dependencies()).containsExactlyInAnyOrder(Y0, TaskKey.of("future"));
        assertThat(tasks).allSatisfy(task -> {
            Payload payload = ((PackedTask) task.runSpec()).payload();
            assertThat(payload.kind()).isEqualTo(Payload.Kind.PICKLED);
            assertThat(PayloadFrames.header(payload).get("pickled-obj"))
                    .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.BYTE_ARRAY)
                    .startsWith(0x80, 5)
                    .endsWith('.');
        });
    }

    @Test
    void optionsComeFromAnnotations() throws Exception {
        TaskSpec task = read("submit", 1).getFirst();

        TaskOptions options = task.options();
        assertThat(task.order()).isZero();
        assertThat(options.priority()).isEqualTo(3);
        assertThat(options.retries()).isEqualTo(4);
        assertThat(options.workers()).containsExactly("alice", "tcp://127.0.0.1:1");
        assertThat(options.allowOtherWorkers()).isTrue();
        assertThat(options.resources()).isEqualTo(Map.of("GPU", 2.0));
        assertThat(options.actor()).isFalse();
        assertThat(PickleReader.plain((Payload) options.annotations()))
                .hasValueSatisfying(all -> assertThat((Map<?, ?>) all).hasSize(5));
    }

    @Test
    void actorsAreMarked() throws Exception {
        assertThat(read("actor", 1).getFirst().options().actor()).isTrue();
    }

    @Test
    void theOrderTheClientGaveGoesOverDasks() throws Exception {
        var message = Recordings.with(
                Recordings.message("chain"), "internal_priority", Map.of("x", 5L, List.of("y", 0L), 9L));
        var table = new GraphTable(GraphRequest.parse(message));
        for (int i = 0; i < 3; i++) {
            table.add(Recordings.bytes("chain.page-" + i));
        }

        assertThat(table.tasks()).extracting(TaskSpec::order).containsExactly(5L, 9L, 2L);
    }

    @Test
    void aTableThatLacksPagesIsRefused() throws Exception {
        var table = new GraphTable(Recordings.request("chain"));
        table.add(Recordings.bytes("chain.page-0"));

        assertThatThrownBy(table::tasks).hasMessageContaining("a table of 3 tasks has 1");
    }

    @Test
    void damagedPagesAreRefusedAndNothingWorse() throws Exception {
        long seed = 20240612;
        var random = new Random(seed);
        GraphRequest request = Recordings.request("submit");
        byte[] good = Recordings.bytes("submit.page-0");
        for (int i = 0; i < good.length; i++) {
            byte[] cut = Arrays.copyOf(good, i);
            assertThatThrownBy(() -> new GraphTable(request).add(cut)).isInstanceOf(BadMessageException.class);
        }
        for (int round = 0; round < 20_000; round++) {
            byte[] bad = good.clone();
            for (int n = random.nextInt(3); n >= 0; n--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            try {
                var table = new GraphTable(request);
                table.add(bad);
                table.tasks();
            } catch (BadMessageException e) {
                assertThat(e.getMessage()).as("seed %d, round %d", seed, round).isNotEmpty();
            }
        }
    }
}
