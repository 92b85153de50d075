package io.github.daskjvm.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.worker.task.SerializableCallable;
import io.github.daskjvm.worker.task.SerializableFunction;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskNamesTest {
    static final class Load implements SerializableCallable<String> {
        @Override
        public String call() {
            return "";
        }
    }

    @Test
    void aTaskIsCalledAfterItsFunction() {
        SerializableFunction<String, Integer> reference = String::length;
        SerializableCallable<Object> constructor = Object::new;

        assertThat(TaskNames.of(reference)).isEqualTo("length");
        assertThat(TaskNames.of(constructor)).isEqualTo("Object");
        assertThat(TaskNames.of(new Load())).isEqualTo("Load");
        assertThat(TaskNames.of(lambdaWrittenHere())).isEqualTo("lambdaWrittenHere");
    }

    private static SerializableCallable<Integer> lambdaWrittenHere() {
        return () -> 1;
    }

    @Test
    void dashboardsShowThatName() {
        String token = TaskNames.uniqueToken();

        assertThat(TaskKey.of("count-" + token).prefix()).isEqualTo("count");
        assertThat(TaskKey.of("count-" + token + "-12").prefix()).isEqualTo("count");
    }

    @Test
    void tokensDifferUnlessMadeOfTheSame() {
        assertThat(TaskNames.uniqueToken()).hasSize(32).isNotEqualTo(TaskNames.uniqueToken());
        assertThat(TaskNames.tokenOf(List.of(new byte[] {1, 2})))
                .hasSize(32)
                .isEqualTo(TaskNames.tokenOf(List.of(new byte[] {1, 2})))
                .isNotEqualTo(TaskNames.tokenOf(List.of(new byte[] {1, 3})));
    }
}
