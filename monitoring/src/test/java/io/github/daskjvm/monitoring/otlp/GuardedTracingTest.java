package io.github.daskjvm.monitoring.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.github.daskjvm.core.scheduler.GraphTracing;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GuardedTracingTest {
    @Test
    void aMistakeEndsTracingAndNothingElse() {
        List<String> told = new ArrayList<>();
        var failing = (GraphTracing) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {GraphTracing.class}, (proxy, method, arguments) -> {
                    told.add(method.getName());
                    if (method.getName().equals("batchEnds")) {
                        throw new IllegalStateException("a mistake");
                    }
                    return null;
                });
        var guarded = new GuardedTracing(failing);

        guarded.submitted(null, List.of());
        assertThatCode(guarded::batchEnds).doesNotThrowAnyException();
        guarded.batchEnds();
        guarded.submitted(null, List.of());
        guarded.ends();

        assertThat(told).containsExactly("submitted", "batchEnds", "ends");
    }
}
