package io.github.daskjvm.worker.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProfileHistoryTest {
    private final ProfileHistory history = new ProfileHistory();

    private static StackTraceElement[] stack(String... methods) {
        StackTraceElement[] stack = new StackTraceElement[methods.length + 1];
        for (int i = 0; i < methods.length; i++) {
            stack[i] = new StackTraceElement("a.B", methods[i], "B.java", 10 + i);
        }
        stack[methods.length] = new StackTraceElement("java.lang.Thread", "run", "Thread.java", 1);
        return stack;
    }

    private long count(Double start, Double stop, String prefix) {
        return (Long) history.profile(start, stop, prefix).get("count");
    }

    @Test
    void whatWasSeenIsATreeOfMethodsFromTheOutermost() {
        history.add("x", stack("inner", "outer"));
        history.add("x", stack("outer"));
        Map<?, ?> outer =
                (Map<?, ?>) ((Map<?, ?>) history.profile(null, null, null).get("children")).get("a.B.outer;B.java");
        assertThat(outer.get("count")).isEqualTo(2L);
        assertThat(outer.get("description"))
                .isEqualTo(
                        Map.of("filename", "a/B.java", "name", "B.outer", "line_number", 11, "line", "at a.B.outer"));
        assertThat(((Map<?, ?>) outer.get("children")).keySet().toString()).isEqualTo("[a.B.inner;B.java]");
    }

    @Test
    void theWorkersOwnFramesAndItsCallByNameAreLeftOut() {
        StackTraceElement[] stack = {
            new StackTraceElement("java.lang.reflect.Method", "invoke", "Method.java", 1),
            new StackTraceElement("a.B", "users", "B.java", 1),
            new StackTraceElement("java.lang.reflect.Method", "invoke", "Method.java", 1),
            new StackTraceElement("io.github.daskjvm.worker.task.NamedFunction$Overload", "call", "N.java", 1),
            new StackTraceElement("io.github.daskjvm.worker.task.NamedCall", "invoke", "N.java", 1),
            new StackTraceElement("io.github.daskjvm.worker.TaskRun", "execute", "T.java", 1),
            new StackTraceElement("java.lang.Thread", "run", "Thread.java", 1)
        };
        history.add("x", stack);
        Map<?, ?> below = (Map<?, ?>) history.profile(null, null, null).get("children");
        assertThat(below.keySet().toString()).isEqualTo("[a.B.users;B.java]");
        Map<?, ?> users = (Map<?, ?>) below.get("a.B.users;B.java");
        assertThat(((Map<?, ?>) users.get("children")).keySet().toString())
                .isEqualTo("[java.lang.reflect.Method.invoke;Method.java]");
    }

    @Test
    void aLookBeforeTheTasksOwnCodeCountsForTheRootAlone() {
        history.add("x", new StackTraceElement[] {
            new StackTraceElement("io.github.daskjvm.worker.TaskRun", "execute", "T.java", 1),
            new StackTraceElement("java.lang.Thread", "run", "Thread.java", 1)
        });
        assertThat(history.profile(null, null, null)).containsEntry("count", 1L).containsEntry("children", Map.of());
    }

    @Test
    void timeAndPrefixSelect() {
        history.add("x", stack("f"));
        history.endCycle(10);
        history.add("y", stack("f"));
        history.endCycle(20);
        history.add("x", stack("f"));
        assertThat(count(null, null, null)).isEqualTo(3);
        assertThat(count(null, null, "x")).isEqualTo(2);
        assertThat(count(15.0, null, null)).isEqualTo(2);
        // As far as cycles tell: the one that goes on at that time counts.
        assertThat(count(null, 5.0, null)).isEqualTo(1);
        assertThat(history.metadata(0, null, 30))
                .isEqualTo(Map.of(
                        "counts", List.of(List.of(10.0, 1L), List.of(20.0, 1L), List.of(30.0, 1L)),
                        "keys",
                                List.of(
                                        List.of(10.0, Map.of("x", 1L)),
                                        List.of(20.0, Map.of("y", 1L)),
                                        List.of(30.0, Map.of("x", 1L)))));
        assertThat(history.metadata(5, 15.0, 30).get("counts")).isEqualTo(List.of(List.of(10.0, 1L)));
    }

    @Test
    void theOldestGoesAndNamesAreBounded() {
        for (int i = 0; i < 1500; i++) {
            history.add("x", stack("f"));
            history.endCycle(i);
        }
        assertThat(count(null, null, null)).isEqualTo(1000);
        for (int i = 0; i < 300; i++) {
            history.add("prefix" + i, stack("f"));
        }
        assertThat(count(null, null, "(other)")).isEqualTo(200);
    }
}
