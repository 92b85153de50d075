package io.github.daskjvm.scheduler.rpc;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcHandler;
import io.github.daskjvm.protocol.Fields;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// Which arguments operations take, those of 2024.12.1 and of 2026.7.1 together. As Python does, an operation refuses
/// an argument it does not know with a `TypeError`: ignoring it would do something else than was asked for.
final class Signatures {
    private static final Set<String> ALL = Set.of("op", "reply", "close", "serializers", "comm");
    private static final Map<String, Set<String>> ARGUMENTS = new HashMap<>();

    static {
        arguments("identity", "n_workers");
        arguments("echo", "data");
        arguments("versions", "packages");
        arguments("ncores", "workers");
        arguments("ncores_running", "workers");
        arguments("has_what", "workers");
        arguments("processing", "workers");
        arguments("who_has", "keys");
        arguments("nbytes", "keys", "summary");
        arguments("call_stack", "keys");
        arguments("get_task_status", "keys");
        arguments("get_task_prefix_states");
        arguments("gather", "keys");
        arguments("scatter", "data", "workers", "client", "broadcast", "timeout", "runtime");
        arguments("update_data", "who_has", "nbytes", "client");
        arguments("add_keys", "worker", "keys", "stimulus_id");
        arguments("rebalance", "keys", "workers", "stimulus_id");
        arguments("replicate", "keys", "n", "workers", "branching_factor", "delete", "stimulus_id");
        arguments("retry", "keys", "client");
        arguments("restart", "client", "timeout", "wait_for_workers", "stimulus_id");
        arguments("restart_workers", "workers", "client", "timeout", "wait_for_workers", "on_error", "stimulus_id");
        arguments(
                "retire_workers",
                "workers",
                "names",
                "close_workers",
                "remove",
                "stimulus_id",
                "memory_ratio",
                "n",
                "key",
                "minimum",
                "target",
                "attribute");
        arguments("workers_to_close", "memory_ratio", "n", "key", "minimum", "target", "attribute");
        arguments("adaptive_target", "target_duration");
        arguments("unrunnable_tasks");
        arguments("broadcast", "msg", "workers", "hosts", "nanny", "on_error");
        arguments("proxy", "msg", "worker");
        arguments("register_scheduler_plugin", "plugin", "name", "idempotent");
        arguments("unregister_scheduler_plugin", "name");
        arguments("register_worker_plugin", "plugin", "name", "idempotent");
        arguments("unregister_worker_plugin", "name");
        arguments("register_nanny_plugin", "plugin", "name", "idempotent");
        arguments("unregister_nanny_plugin", "name");
        arguments("upload_jar", "filename", "data");
        arguments("get_jar", "filename");
        arguments("get_jars");
        arguments("get_logs", "start", "n", "timestamps");
        arguments("worker_logs", "n", "workers", "nanny");
        arguments("log_event", "topic", "msg");
        arguments("events", "topic");
        arguments("get_task_stream", "start", "stop", "count", "start_index");
        arguments("start_task_metadata", "name");
        arguments("stop_task_metadata", "name");
        arguments("get_metadata", "keys", "default");
        arguments("set_metadata", "keys", "value");
        arguments("get_spans", "ids");
        arguments("get_computations");
        arguments("get_worker_metrics");
        arguments("set_resources", "worker", "resources");
        arguments("set_restrictions", "worker");
        arguments("check_idle");
        arguments("get_runspec", "key");
        arguments("get_error_cause", "keys");
        arguments("publish_put", "name", "names", "keys", "data", "override", "client", "uid");
        arguments("publish_get", "name", "names", "client");
        arguments("publish_delete", "name", "names", "client", "uid");
        arguments("publish_wait_flush", "uid");
        arguments("shuffle_get", "id", "worker");
        arguments("shuffle_get_or_create", "shuffle_id", "key", "worker");
        arguments("shuffle_barrier", "id", "run_id", "consistent");
        arguments("shuffle_restrict_task", "id", "run_id", "key", "worker");
        arguments("event_wait", "name", "timeout");
        arguments("event_set", "name");
        arguments("event_clear", "name");
        arguments("event_is_set", "name");
        arguments("semaphore_register", "name", "max_leases", "lease_timeout");
        arguments("semaphore_acquire", "name", "timeout", "lease_id");
        arguments("semaphore_release", "name", "lease_id");
        arguments("semaphore_refresh_leases", "name", "lease_ids");
        arguments("semaphore_value", "name");
        arguments("semaphore_close", "name");
        arguments("multi_lock_acquire", "locks", "id", "timeout", "num_locks");
        arguments("multi_lock_release", "id");
        arguments("pubsub_add_publisher", "name", "worker");
        arguments("queue_create", "name", "client", "maxsize");
        arguments("queue_put", "name", "key", "data", "client", "timeout");
        arguments("queue_get", "name", "client", "timeout", "batch");
        arguments("queue_qsize", "name", "client");
        arguments("variable_set", "name", "key", "data", "client", "timeout");
        arguments("variable_get", "name", "client", "timeout");
    }

    private Signatures() {}

    private static void arguments(String op, String... names) {
        ARGUMENTS.put(op, Set.of(names));
    }

    /// The handler, refusing arguments that the operation is known not to take.
    static RpcHandler checked(String op, RpcHandler handler) {
        Set<String> names = ARGUMENTS.get(op);
        if (names == null) {
            return handler;
        }
        return handler.within((request, call) -> {
            check(request, names);
            return call.call();
        });
    }

    private static void check(Fields request, Set<String> names) throws RpcFailure {
        for (Object name : request.map().keySet()) {
            if (!(name instanceof String text) || (!names.contains(text) && !ALL.contains(text))) {
                throw RpcFailure.python(
                        "builtins",
                        "TypeError",
                        request.op() + "() got an unexpected keyword argument '" + name + "'; it takes " + names);
            }
        }
    }
}
