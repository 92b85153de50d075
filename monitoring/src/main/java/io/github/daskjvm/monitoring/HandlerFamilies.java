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

    /// @param where `rpc`, `stream` or `loop`
    HandlerFamilies add(String where, List<OpFigures> ops) {
        for (OpFigures op : ops) {
            calls.add(op.calls(), LabelNames.WHERE, where, LabelNames.OP, op.op());
            seconds.add(op.nanos() / 1e9, LabelNames.WHERE, where, LabelNames.OP, op.op());
            if (where.equals("rpc")) {
                failures.add(op.failures(), LabelNames.WHERE, where, LabelNames.OP, op.op());
            }
        }
        return this;
    }
}
