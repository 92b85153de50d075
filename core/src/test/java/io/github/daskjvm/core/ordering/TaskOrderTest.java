package io.github.daskjvm.core.ordering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TaskOrderTest {
    private static final int GRAPHS = Integer.getInteger("daskjvm.graphs", 3_000);

    @Test
    void tasksWithoutDependenciesKeepTheirOrder() {
        assertThat(TaskOrder.of(new int[4][0])).containsExactly(0, 1, 2, 3);
        assertThat(TaskOrder.of(new int[0][])).isEmpty();
    }

    @Test
    void chainsEndOneByOneWhereOneTaskJoinsThem() {
        int[][] graph = {{}, {}, {0}, {1}, {2}, {3}, {4, 5}};
        assertThat(TaskOrder.of(graph)).containsExactly(0, 3, 1, 4, 2, 5, 6);
    }

    @Test
    void theHeavierBranchIsReducedFirst() {
        int[][] graph = {{}, {}, {}, {}, {1, 2}, {3, 4}, {0, 5}};
        assertThat(TaskOrder.of(graph)[0]).isEqualTo(5);
        assertThat(peak(graph)).isEqualTo(2);
    }

    @Test
    void differencesWithAMeanAreTakenAsSoonAsTheMeanIsKnown() {
        // Chunks 0 to 3, means 4 and 5 of the even and the odd, slices 6 to 9 of these, differences 10 to 13, a sum.
        int[][] graph = {
            {}, {}, {}, {}, {0, 2}, {1, 3}, {4}, {5}, {4}, {5}, {0, 6}, {1, 7}, {2, 8}, {3, 9}, {10, 11, 12, 13}
        };
        int[] priorities = TaskOrder.of(graph);
        assertThat(Math.max(priorities[10], priorities[12])).isLessThan(Math.min(priorities[1], priorities[3]));
    }

    @Test
    void whatNeedsAHeldResultGoesBeforeAnotherPart() {
        // Results 2 and 3 need input 0, results 4 and 5 input 1; the numbers alternate.
        int[][] graph = {{}, {}, {0, 6}, {1, 7}, {0, 8}, {1, 9}, {}, {}, {}, {}};
        int[] priorities = TaskOrder.of(graph);
        assertThat(Math.max(priorities[2], priorities[4])).isLessThan(priorities[1]);
    }

    @Test
    void oneOfManyResultsThatNeedsAllTheOthersInputsGoesFirst() {
        int wide = 64;
        int[][] graph = new int[2 * wide + 2 * wide - 1][];
        Arrays.setAll(graph, task -> new int[0]);
        // Pairs of inputs; a small result of each pair; a tree over all inputs, whose top is the last task.
        IntStream.range(0, wide).forEach(i -> graph[2 * wide + i] = new int[] {2 * i, 2 * i + 1});
        IntStream.range(0, wide - 1)
                .forEach(i -> graph[3 * wide + i] = new int[] {child(i, 0, wide), child(i, 1, wide)});
        assertThat(peak(graph)).isLessThanOrEqualTo(9);
    }

    /// Of a tree's inner node, numbered from the leaves up.
    private static int child(int node, int which, int leaves) {
        int child = 2 * node + which;
        return child < leaves ? 2 * child : 3 * leaves + child - leaves;
    }

    @Test
    void aMillionTasksInAChainAreOrdered() {
        int[][] graph = new int[1_000_000][];
        Arrays.setAll(graph, task -> task == 0 ? new int[0] : new int[] {task - 1});
        assertThat(TaskOrder.of(graph))
                .isEqualTo(IntStream.range(0, graph.length).toArray());
    }

    @Test
    void aTaskThatNeedsAllOfManySharedInputsIsNoTrouble() {
        // Sums of all the inputs several times over: each input's last dependent is looked for again and again.
        int inputs = 20_000;
        int[] all = IntStream.range(0, inputs).toArray();
        int[][] graph = new int[inputs + 10][];
        Arrays.setAll(graph, task -> task < inputs ? new int[0] : all.clone());
        assertThat(peak(graph)).isEqualTo(inputs);
    }

    @Test
    void aCycleIsNamed() {
        assertThatExceptionOfType(CyclicGraphException.class)
                .isThrownBy(() -> TaskOrder.of(new int[][] {{}, {0, 4}, {1}, {2}, {2}, {4}}))
                .withMessageContaining("cycle: [1, 4, 2]")
                .satisfies(e -> assertThat(e.cycle()).containsExactly(1, 4, 2));
        assertThatExceptionOfType(CyclicGraphException.class)
                .isThrownBy(() -> TaskOrder.of(new int[][] {{0}}))
                .satisfies(e -> assertThat(e.cycle()).containsExactly(0));
    }

    @Test
    void whatIsNoGraphIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TaskOrder.of(new int[][] {{1}, {2}}))
                .withMessage("a dependency is 2, but tasks are numbered from 0 to 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TaskOrder.of(new int[] {0, 2}, new int[] {0}))
                .withMessageContaining("end with the number of dependencies, 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TaskOrder.of(new int[] {0, 2, 1, 2}, new int[] {0, 0}))
                .withMessageContaining("task 1 end before they start");
    }

    @Test
    void pressureIsWhatDaskReports() {
        // Inputs 0 and 1: 2 needs the first, 4 the second, 3 both.
        int[][] graph = {{}, {}, {0}, {0, 1}, {1}};
        Pressure pressure = pressure(graph, new int[] {0, 2, 1, 3, 4});
        assertThat(pressure.peak()).isEqualTo(2);
        assertThat(pressure.mean()).isCloseTo((0 + 1 + 1 + 2 + 1) / 5.0, within(1e-9));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pressure(graph, new int[] {0, 3, 1, 2, 4}))
                .withMessageContaining("task 3 comes before task 1");
    }

    /// `-Ddaskjvm.seed=SEED` replays; `-Ddaskjvm.graphs=N` looks further.
    @Test
    void dependenciesGoFirstAndLittleIsHeldWhateverTheGraph() {
        long seed = Long.getLong("daskjvm.seed", System.nanoTime());
        System.out.println("seed " + seed);
        double ours = 0;
        double naives = 0;
        for (int i = 0; i < GRAPHS; i++) {
            int[][] graph = new RandomGraphs(new Random(seed + i)).next();
            Pressure pressure = pressure(graph, TaskOrder.of(graph)); // refuses an order that is none
            Pressure naive = pressure(graph, naive(graph));
            assertThat(pressure.peak()).as("seed %d", seed + i).isLessThanOrEqualTo(naive.peak() * 3 / 2 + 3);
            ours += pressure.peak();
            naives += naive.peak();
        }
        assertThat(ours / naives).isLessThan(0.8);
    }

    /// Depth first from each final task, all by number.
    private static int[] naive(int[][] graph) {
        boolean[] needed = new boolean[graph.length];
        Arrays.stream(graph).flatMapToInt(Arrays::stream).forEach(task -> needed[task] = true);
        int[] priorities = new int[graph.length];
        Arrays.fill(priorities, -1);
        int placed = 0;
        for (int task = 0; task < graph.length; task++) {
            placed = needed[task] ? placed : visit(task, graph, priorities, placed);
        }
        return priorities;
    }

    private static int visit(int task, int[][] graph, int[] priorities, int placed) {
        int next = placed;
        if (priorities[task] < 0) {
            for (int dependency : graph[task]) {
                next = visit(dependency, graph, priorities, next);
            }
            priorities[task] = next++;
        }
        return next;
    }

    private static int peak(int[][] graph) {
        return pressure(graph, TaskOrder.of(graph)).peak();
    }

    private static Pressure pressure(int[][] graph, int[] priorities) {
        int[] starts = new int[graph.length + 1];
        for (int task = 0; task < graph.length; task++) {
            starts[task + 1] = starts[task] + graph[task].length;
        }
        return Pressure.of(
                starts, Arrays.stream(graph).flatMapToInt(Arrays::stream).toArray(), priorities);
    }
}
