package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.core.ordering.TaskOrder;
import io.github.daskjvm.core.scheduler.TaskSpec;
import io.github.daskjvm.pickle.PickleBuffer;
import io.github.daskjvm.pickle.graph.CutGraph;
import io.github.daskjvm.pickle.graph.CutTask;
import io.github.daskjvm.pickle.graph.GraphCutter;
import io.github.daskjvm.pickle.graph.NotCutException;
import io.github.daskjvm.protocol.BadMessageException;
import io.github.daskjvm.protocol.MsgpackReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Graphs that need no Python to become tasks: those of `submit` and `map`, and others of dicts. What becomes of one is
/// what a worker would make of it, or nothing.
public final class PlainGraphs {
    private static final Logger log = LoggerFactory.getLogger(PlainGraphs.class);

    /// `-Ddaskjvm.graphs.on-workers=true` has workers unpack all graphs, to compare, or if a graph is cut wrongly.
    private static final boolean ON_WORKERS = Boolean.getBoolean("daskjvm.graphs.on-workers");

    private PlainGraphs() {}

    /// Any thread may call; takes time in proportion to the graph.
    ///
    /// @return null where a worker must unpack it
    public static @Nullable MaterializedGraph cut(GraphRequest request) {
        if (ON_WORKERS
                || request.form() != GraphRequest.Form.HIGH_LEVEL_GRAPH
                || request.frames().isEmpty()) {
            return null;
        }
        long start = System.nanoTime();
        try {
            var annotations = PlainAnnotations.of(request.annotations());
            CutGraph graph = GraphCutter.cut(request.frames().getFirst(), buffers(request), request.keyValues());
            List<TaskSpec> tasks = specs(request, graph.tasks(), annotations);
            return new MaterializedGraph(request, tasks, null, System.nanoTime() - start);
        } catch (NotCutException | PlainAnnotations.NotPlain e) {
            log.debug("a worker must unpack a graph: {}", e.getMessage());
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            log.warn("cutting a graph failed, a worker must unpack it", e);
        }
        return null;
    }

    private static List<PickleBuffer> buffers(GraphRequest request) throws PlainAnnotations.NotPlain {
        List<byte[]> frames = request.frames();
        try {
            if (new MsgpackReader().whole(request.header()) instanceof Map<?, ?> header
                    && header.keySet().equals(Set.of("serializer", "writeable"))
                    && "pickle".equals(header.get("serializer"))
                    && header.get("writeable") instanceof List<?> writable
                    && writable.size() == frames.size() - 1) {
                List<PickleBuffer> buffers = new ArrayList<>(writable.size());
                for (int i = 0; i < writable.size(); i++) {
                    buffers.add(new PickleBuffer(frames.get(i + 1), Boolean.TRUE.equals(writable.get(i))));
                }
                return buffers;
            }
        } catch (BadMessageException e) {
            throw new PlainAnnotations.NotPlain(String.valueOf(e.getMessage()));
        }
        throw new PlainAnnotations.NotPlain("a graph that is no pickle, or a compressed one");
    }

    private static List<TaskSpec> specs(GraphRequest request, List<CutTask> tasks, PlainAnnotations annotations)
            throws PlainAnnotations.NotPlain {
        Map<TaskKey, Long> given = request.internalPriority();
        List<TaskKey> keys = new ArrayList<>(tasks.size());
        for (CutTask task : tasks) {
            keys.add(TaskKey.of(task.key()));
        }
        int[] order = given.isEmpty() ? order(tasks) : null;
        long orderOfOthers =
                given.values().stream().mapToLong(place -> place).max().orElse(-1);
        List<TaskSpec> specs = new ArrayList<>(tasks.size());
        for (int i = 0; i < tasks.size(); i++) {
            CutTask task = tasks.get(i);
            TaskKey key = keys.get(i);
            Long place = given.get(key);
            long at = place != null ? place : order != null ? order[i] : ++orderOfOthers;
            specs.add(new TaskSpec(
                    key,
                    GuardedPickle.of(task.packed()),
                    Runtime.PYTHON,
                    dependencies(task, keys),
                    at,
                    annotations.options(task.annotations(), request.actors().contains(key))));
        }
        return Collections.unmodifiableList(specs);
    }

    /// Those of the same graph are the same objects as the tasks' own keys.
    private static List<TaskKey> dependencies(CutTask task, List<TaskKey> keys) {
        int[] places = task.places();
        if (places.length == 0) {
            return List.of();
        }
        TaskKey[] found = new TaskKey[places.length];
        for (int i = 0; i < found.length; i++) {
            found[i] = places[i] < 0 ? TaskKey.of(task.dependencies().get(i)) : keys.get(places[i]);
        }
        return List.of(found);
    }

    private static int[] order(List<CutTask> tasks) {
        int[][] numbered = new int[tasks.size()][];
        for (int i = 0; i < numbered.length; i++) {
            numbered[i] = ofThisGraph(tasks.get(i).places());
        }
        return TaskOrder.of(numbered);
    }

    private static int[] ofThisGraph(int[] places) {
        for (int place : places) {
            if (place < 0) {
                return Arrays.stream(places).filter(each -> each >= 0).toArray();
            }
        }
        return places;
    }
}
