package io.github.daskjvm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.client.Future;
import io.github.daskjvm.client.TaskFailedException;
import io.github.daskjvm.client.TaskOptions;
import io.github.daskjvm.worker.task.RemoteTaskException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/// Functions of Python's that a Java client submits, on a cluster with a stock Python worker and a JVM worker.
class PythonTasksTest extends MixedFixture {
    @Test
    void valuesAndFuturesAreArguments() throws Exception {
        Future<Double> root = client.<Double>python("math", "sqrt").submit(2.25);
        Future<Long> rounded = client.<Long>python("builtins", "round").submit(root);
        Future<Long> summed = client.<Long>python("builtins", "sum")
                .submit(List.of(rounded, 3, List.of(4L).get(0)));

        assertThat(root.get()).isEqualTo(1.5);
        assertThat(rounded.get()).isEqualTo(2L);
        assertThat(summed.get()).isEqualTo(9L);
        assertThat(root.key()).startsWith("sqrt-");
    }

    @Test
    void keywordsAreArgumentsToo() throws Exception {
        Future<Boolean> reverse = client.submit(() -> true);
        Future<List<Long>> sorted = client.<List<Long>>python("builtins", "sorted")
                .keyword("reverse", reverse)
                .submit(List.of(1, 3, 2));
        Future<Map<String, Object>> dict = client.<Map<String, Object>>python("builtins", "dict")
                .keyword("a", List.of(reverse, "x"))
                .keyword("b", Map.of("c", reverse))
                .submit();

        assertThat(sorted.get()).containsExactly(3L, 2L, 1L);
        assertThat(dict.get()).isEqualTo(Map.of("a", List.of(true, "x"), "b", Map.of("c", true)));
    }

    @Test
    void aPipelineCrossesMoreThanThreeTimes() throws Exception {
        Future<double[]> values = client.submit(() -> new double[] {1, 4, 9}); // Java
        Future<double[]> roots = client.<double[]>python("numpy", "sqrt").submit(values); // Python
        Future<double[]> doubled =
                client.submit(v -> Arrays.stream(v).map(x -> 2 * x).toArray(), roots); // Java
        Future<Double> sum = client.<Double>python("numpy", "sum").submit(doubled); // Python
        Future<String> text = client.submit(s -> "in all " + s, sum); // Java
        Future<Object> upper = client.python("builtins", "str.upper").submit(text); // Python

        assertThat(upper.get()).isEqualTo("IN ALL 12.0");
        assertThat(doubled.get()).containsExactly(2, 4, 6);
    }

    @Test
    void valuesThatNeedAnImportAreReadWhenTheTaskRuns() throws Exception {
        Future<Object> largest = client.python("numpy", "max").submit(new long[] {3, 5, 4});
        Future<Object> day = client.python("datetime", "date.isoformat").submit(java.time.LocalDate.of(2024, 2, 29));

        assertThat(largest.get()).isEqualTo(5L);
        assertThat(day.get()).isEqualTo("2024-02-29");
    }

    @Test
    void optionsAreThoseOfJavaTasks() throws Exception {
        var sqrt = client.<Double>python("math", "sqrt")
                .with(TaskOptions.DEFAULT.pure(true).priority(3).retries(1));

        assertThat(sqrt.submit(16.0).key())
                .isEqualTo(sqrt.submit(16.0).key())
                .isNotEqualTo(sqrt.submit(25.0).key());
        assertThat(sqrt.with(TaskOptions.DEFAULT.key("my-root")).submit(9.0).key())
                .isEqualTo("my-root");
        assertThat(sqrt.submit(16.0).get()).isEqualTo(4.0);
    }

    @Test
    void errorsOfPythonHaveTypeAndTrace() {
        Future<Double> failed = client.<Double>python("math", "sqrt").submit(-1.0);
        Future<String> after = client.submit(v -> "never " + v, failed);
        Future<Object> again = client.python("builtins", "repr").submit(after);

        for (Future<?> future : List.of(failed, after, again)) {
            assertThatThrownBy(future::get)
                    .isInstanceOf(TaskFailedException.class)
                    .cause()
                    .isInstanceOfSatisfying(RemoteTaskException.class, e -> {
                        assertThat(e.remoteClassName()).isEqualTo("builtins.ValueError");
                        assertThat(e.remoteTrace())
                                .contains("Traceback (most recent call last):", "toolz", ", in apply");
                    })
                    .hasMessage("ValueError: math domain error");
        }
    }

    @Test
    void aTraceOfPythonEndsWhereItHappened() {
        Future<Double> failed = client.<Double>python("statistics", "mean").submit(List.of());
        Future<String> after = client.submit(v -> "never " + v, failed);

        assertThatThrownBy(after::get)
                .cause()
                .isInstanceOfSatisfying(RemoteTaskException.class, e -> {
                    assertThat(e.remoteClassName()).isEqualTo("statistics.StatisticsError");
                    assertThat(e.remoteTrace().lines().toList().getLast())
                            .containsPattern("statistics\\.py\", line \\d+, in mean");
                })
                .hasMessageContaining("mean requires at least one data point");
    }

    @Test
    void errorsOfJavaPassThroughPython() {
        Future<Long> failed = client.submit(() -> Long.parseLong("seven"));
        Future<Object> after = client.python("builtins", "abs").submit(failed);
        Future<String> last = client.submit(v -> "never " + v, after);

        assertThatThrownBy(last::get)
                .isInstanceOf(TaskFailedException.class)
                .hasMessageContaining(failed.key())
                .cause()
                .isInstanceOf(NumberFormatException.class)
                .hasMessageContaining("seven")
                .satisfies(e -> assertThat(e.getStackTrace())
                        .extracting(StackTraceElement::getMethodName)
                        .contains("parseLong")
                        .anyMatch(method -> method.startsWith("lambda$errorsOfJavaPassThroughPython")));
    }

    @Test
    void whatIsNotThereFailsTheTaskAlone() throws Exception {
        assertThatThrownBy(client.python("no.such.module", "f").submit()::get)
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("No module named 'no'");
        assertThatThrownBy(client.python("math", "cube").submit(2)::get)
                .hasMessageContaining("module 'math' has no attribute 'cube'");
        assertThat(client.python("math", "sqrt").submit(9.0).get()).isEqualTo(3.0);
    }

    @Test
    void whatHasNoCounterpartInPythonIsRefused() {
        assertThatThrownBy(() -> client.python("builtins", "repr").submit(new Thread()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a java.lang.Thread of Java has no counterpart in Python");
    }
}
