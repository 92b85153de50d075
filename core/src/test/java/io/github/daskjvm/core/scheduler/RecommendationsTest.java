package io.github.daskjvm.core.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskStatus;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// With few tasks, which are searched, and with many, which have an index.
class RecommendationsTest {
    private final SchedulerState state = new SchedulerState(SchedulerConfig.DEFAULT);
    private final Recommendations recommendations = new Recommendations();

    private List<TaskState> recommended(int count) {
        List<TaskState> tasks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            TaskState task = state.newTask(Cluster.key("t-" + i), Runtime.PYTHON);
            tasks.add(task);
            recommendations.add(task, TaskStatus.WAITING);
        }
        return tasks;
    }

    private List<String> polled() {
        List<String> polled = new ArrayList<>();
        for (TaskState task = recommendations.poll(); task != null; task = recommendations.poll()) {
            polled.add(task.key + " " + recommendations.polledStatus().wireName());
        }
        return polled;
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 12, 13, 40})
    void aTaskThatIsAddedAgainKeepsItsPlaceAndIsPolledOnce(int count) {
        List<TaskState> tasks = recommended(count);
        for (TaskState task : tasks) {
            recommendations.add(task, TaskStatus.RELEASED);
        }
        List<String> expected = new ArrayList<>();
        tasks.reversed().forEach(task -> expected.add(task.key + " released"));
        assertThat(polled()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 12, 13, 40})
    void aTaskThatIsTakenOutIsNotPolledUnlessItIsAddedAgainAsTheLast(int count) {
        List<TaskState> tasks = recommended(count);
        TaskState first = tasks.getFirst();
        assertThat(recommendations.remove(first)).isEqualTo(TaskStatus.WAITING);
        assertThat(recommendations.remove(first)).isNull();
        recommendations.add(first, TaskStatus.ERRED);

        assertThat(polled())
                .hasSize(count)
                .startsWith("t-0 erred", "t-" + (count - 1) + " waiting")
                .endsWith("t-1 waiting");
    }
}
