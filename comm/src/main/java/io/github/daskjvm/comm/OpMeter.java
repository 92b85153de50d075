package io.github.daskjvm.comm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// Counts calls of operations, and takes their time. Any thread may call.
public final class OpMeter {
    /// So many operations are told apart; the others share [#OTHER].
    static final int OPS_MAX = 300;
    /// The operation that stands for those.
    public static final String OTHER = "other";

    /// So many of those are counted; names come from whoever calls.
    static final int OTHERS_MAX = 1000;

    private final Map<String, Cell> cells = new ConcurrentHashMap<>();
    /// Hashes of the names that share [#OTHER].
    private final Set<Integer> others = ConcurrentHashMap.newKeySet();

    private static final class Cell {
        final LongAdder calls = new LongAdder();
        final LongAdder failures = new LongAdder();
        final LongAdder nanos = new LongAdder();

        @Nullable
        Object measured(Callable<@Nullable Object> call) throws Exception {
            calls.increment();
            long start = System.nanoTime();
            boolean taken = false;
            boolean failed = true;
            try {
                Object answer = call.call();
                taken = answer == RpcHandler.TAKEN;
                failed = false;
                return answer;
            } finally {
                if (failed) {
                    failures.increment();
                }
                if (!taken) {
                    nanos.add(System.nanoTime() - start);
                }
            }
        }
    }

    /// The handlers, each measured. One that takes its connection for itself, as for a stream, is counted when it is
    /// called, and its time is not.
    public Map<String, RpcHandler> measured(Map<String, RpcHandler> handlers) {
        var measured = new HashMap<String, RpcHandler>();
        handlers.forEach((op, handler) -> {
            Cell cell = cell(op);
            measured.put(op, handler.within((request, call) -> cell.measured(call)));
        });
        return measured;
    }

    /// An operation was done that has taken so long.
    public void done(String op, long nanos) {
        Cell cell = cell(op);
        cell.calls.increment();
        cell.nanos.add(nanos);
    }

    /// Somebody asks for an operation that there is not.
    public void unknown(String op) {
        other(op).calls.increment();
    }

    private Cell cell(String op) {
        Cell cell = cells.get(op);
        if (cell != null) {
            return cell;
        }
        return cells.size() < OPS_MAX ? cells.computeIfAbsent(op, any -> new Cell()) : other(op);
    }

    private Cell other(String op) {
        if (others.size() < OTHERS_MAX) {
            others.add(op.hashCode());
        }
        return cells.computeIfAbsent(OTHER, any -> new Cell());
    }

    public CallFigures figures() {
        var figures = new ArrayList<OpFigures>();
        cells.forEach((op, cell) -> {
            long calls = cell.calls.sum();
            if (calls > 0) {
                figures.add(new OpFigures(op, calls, cell.failures.sum(), cell.nanos.sum()));
            }
        });
        return new CallFigures(List.copyOf(figures), others.size());
    }
}
