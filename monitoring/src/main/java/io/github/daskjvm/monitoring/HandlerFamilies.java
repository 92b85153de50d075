package io.github.daskjvm.monitoring;

import io.github.daskjvm.comm.OpFigures;
import java.util.List;

/// What was done for each operation: how often, with how many failures, and for how long.
final class HandlerFamilies {
    private final Families.Samples calls;
    private final Families.Samples seconds;
    private final Families.Samples failures;

    HandlerFamilies(Families families) {
        calls = families.counters(
                "handler_calls",
                "Messages handled, for each operation: calls that are answered (rpc), messages of streams (stream),"
                        + " and what the event loop does for either or by itself (loop)");
        seconds = families.counters("handler_seconds", "Time that handling them took, waiting included");
        failures = families.counters("handler_failures", "Calls that ended with an exception for the caller");
    }

    /// @param kind `rpc`, `stream` or `loop`
    HandlerFamilies add(String kind, List<OpFigures> ops) {
        for (OpFigures op : ops) {
            calls.add(op.calls(), LabelNames.KIND, kind, LabelNames.OP, op.op());
            seconds.add(op.nanos() / 1e9, LabelNames.KIND, kind, LabelNames.OP, op.op());
            if (kind.equals("rpc")) {
                failures.add(op.failures(), LabelNames.KIND, kind, LabelNames.OP, op.op());
            }
        }
        return this;
    }
}
