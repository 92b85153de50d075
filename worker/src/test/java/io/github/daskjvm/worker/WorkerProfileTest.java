package io.github.daskjvm.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What the stacks of running tasks tell.
class WorkerProfileTest extends WorkerFixture {
    private Map<?, ?> profile(Worker worker, Map<String, ?> more) throws Exception {
        Map<String, Object> request = new HashMap<>(more);
        request.put("op", "profile");
        return (Map<?, ?>) call(worker, request);
    }

    private static long count(Map<?, ?> tree) {
        return ((Number) tree.get("count")).longValue();
    }

    @Test
    void aTaskThatRunsIsSeenByItsPrefixAndItsMethods() throws Exception {
        Worker worker = worker();
        scheduler.send(worker.address(), scheduler.compute("wait-1", blocking()));
        entered.await();
        await(() -> count(worker.profile().profile(null, null, "wait")) > 3);

        Map<?, ?> tree = profile(worker, Map.of("key", "wait"));
        assertThat(tree.get("identifier")).isEqualTo("root");
        Map<?, ?> children = (Map<?, ?>) tree.get("children");
        assertThat(children.keySet().toString()).contains("WorkerFixture.lambda$blocking");
        Map<?, ?> method = (Map<?, ?>) children.get(children.keySet().stream()
                .filter(identifier -> identifier.toString().contains("lambda$blocking"))
                .findFirst()
                .orElseThrow());
        assertThat(count(method)).isPositive().isLessThanOrEqualTo(count(tree));
        Map<?, ?> description = (Map<?, ?>) method.get("description");
        assertThat(description.get("filename")).isEqualTo("io/github/daskjvm/worker/WorkerFixture.java");
        assertThat((Long) description.get("line_number")).isPositive();

        assertThat(count(profile(worker, Map.of("key", "another")))).isZero();
        assertThat(count(profile(worker, Map.of("server", true)))).isZero();
        double now = System.currentTimeMillis() / 1e3;
        assertThat(count(profile(worker, Map.of("stop", now - 3600))))
                .isLessThanOrEqualTo(count(profile(worker, Map.of())));

        Map<?, ?> metadata = (Map<?, ?>) call(worker, Map.of("op", "profile_metadata"));
        assertThat((List<?>) metadata.get("counts")).isNotEmpty();
        assertThat(metadata.get("keys").toString()).contains("wait");
    }
}
