package io.github.daskjvm.scheduler.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.scheduler.Event;
import io.github.daskjvm.core.scheduler.SpanPath;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.Fields;
import io.github.daskjvm.protocol.JavaCall;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NativeGraphTest {
    private static final byte[] FUNCTION = {1};

    private static Fields message(List<?> functions, Map<?, ?>... tasks) throws BadMessageException {
        return Fields.of(
                Map.of("op", "update-graph", "runtime", "jvm", "functions", functions, "tasks", List.of(tasks)));
    }

    private static Event.UpdateGraph decoded(Fields message) throws BadMessageException {
        return NativeGraph.decode("client", message, 0, "s");
    }

    @Test
    void tasksHaveTheFunctionsOfTheirMessage() throws BadMessageException {
        Event.UpdateGraph graph = decoded(message(
                List.of(FUNCTION),
                Map.of("key", "x", "function", 0L, "arguments", new byte[] {2}),
                Map.of("key", "y", "function", 0L, "arguments", new byte[] {3}, "dependencies", List.of("x"))));

        assertThat(graph.tasks()).hasSize(2);
        JavaCall first = (JavaCall) graph.tasks().getFirst().runSpec();
        JavaCall second = (JavaCall) graph.tasks().getLast().runSpec();
        assertThat(first.function()).isSameAs(second.function());
        assertThat(second.arguments()).containsExactly(3);
        assertThat(graph.tasks().getLast().dependencies()).containsExactly(TaskKey.of("x"));
    }

    @Test
    void withoutKeysAllTasksAreWanted() throws BadMessageException {
        Fields message = message(
                List.of(FUNCTION),
                Map.of("key", "x", "function", 0L, "arguments", new byte[0]),
                Map.of("key", "y", "function", 0L, "arguments", new byte[0]));

        assertThat(decoded(message).wanted()).containsExactly(TaskKey.of("x"), TaskKey.of("y"));
    }

    @Test
    void aSpanIsOfAllTasks() throws BadMessageException {
        Map<?, ?> plain = Map.of("key", "x", "run_spec", FUNCTION);
        Map<?, ?> urgent = Map.of("key", "y", "run_spec", FUNCTION, "priority", 3.0);
        Map<?, ?> span = Map.of("name", List.of("outer", "inner"), "ids", List.of("1", "2"));

        Event.UpdateGraph graph = decoded(Fields.of(
                Map.of("op", "update-graph", "runtime", "jvm", "span", span, "tasks", List.of(plain, urgent))));

        assertThat(graph.tasks())
                .allSatisfy(task -> assertThat(task.options().span().path())
                        .isEqualTo(new SpanPath(List.of("outer", "inner"), List.of("1", "2"))));
        Map<?, ?> wrong = Map.of("name", List.of("outer"), "ids", List.of());
        assertThatThrownBy(() -> decoded(Fields.of(
                        Map.of("op", "update-graph", "runtime", "jvm", "span", wrong, "tasks", List.of(plain)))))
                .isInstanceOf(BadMessageException.class)
                .hasMessageContaining("a span has one tag and one id a level");
    }

    @Test
    void aFunctionThatIsNotThereIsNamed() throws BadMessageException {
        Fields message = message(List.of(FUNCTION), Map.of("key", "x", "function", 1L, "arguments", new byte[0]));

        assertThatThrownBy(() -> decoded(message))
                .isInstanceOf(BadMessageException.class)
                .hasMessageContaining("an index into the functions of the message");
        assertThat(NativeGraph.wanted(message)).containsExactly(TaskKey.of("x"));
    }
}
