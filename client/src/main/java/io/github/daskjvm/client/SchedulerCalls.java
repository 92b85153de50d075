package io.github.daskjvm.client;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.worker.task.TaskContext;
import io.github.daskjvm.worker.task.TaskFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Operations of the scheduler by which clients coordinate. Any thread may call.
final class SchedulerCalls {
    /// For answers that come without waiting for anybody else.
    private static final Duration REPLY_MAX = Duration.ofMinutes(1);

    /// An interrupt closes the connection that a thread waits for.
    private static final Duration ENDS_WITHIN = Duration.ofSeconds(1);

    private final RpcPool pool;
    private final String scheduler;

    SchedulerCalls(RpcPool pool, String scheduler) {
        this.pool = pool;
        this.scheduler = scheduler;
    }

    /// A call that is answered at once.
    ///
    /// @throws IllegalArgumentException for a `ValueError` there
    /// @throws NoSuchElementException for a `KeyError` there
    /// @throws IllegalStateException for anything else that was raised there
    @Nullable
    Object call(Map<String, ?> request) throws IOException {
        try {
            return pool.call(scheduler, request, REPLY_MAX);
        } catch (RpcFailure e) {
            throw raised(request, e);
        }
    }

    /// A call that waits at the scheduler for what others do. The connection is closed if this thread is
    /// interrupted, by which the scheduler knows that nobody waits any more. A task in a worker keeps its place for
    /// a moment, then others run beside it until the answer is here.
    ///
    /// @param deadline goes with the request; the answer is waited for as long as the scheduler takes
    /// @throws TimeoutException for a `TimeoutError` there, and as for [#call] for others
    @Nullable
    Object await(Map<String, ?> request, Deadline deadline) throws IOException, InterruptedException, TimeoutException {
        Map<String, @Nullable Object> whole = new LinkedHashMap<>(request);
        whole.put("timeout", deadline.isNever() ? null : deadline.leftNanos() / 1e9);
        var answer = new CompletableFuture<@Nullable Object>();
        Thread caller = Thread.ofVirtual().name("call-" + request.get("op")).start(() -> {
            try {
                answer.complete(pool.call(scheduler, whole, Duration.ZERO));
            } catch (IOException | RpcFailure | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        try {
            return TaskContext.await(answer);
        } catch (InterruptedException e) {
            caller.interrupt();
            awaitEnd(caller);
            if (answer.isDone() && !answer.isCompletedExceptionally()) {
                // What was given is not thrown away; the caller finds out about the interrupt when it waits again.
                Thread.currentThread().interrupt();
                return answer.getNow(null);
            }
            throw e;
        } catch (ExecutionException e) {
            throw thrown(whole, e.getCause(), deadline);
        }
    }

    /// Of a thread that was interrupted, and that may have had its answer in hand by then.
    private static void awaitEnd(Thread interrupted) {
        try {
            interrupted.join(ENDS_WITHIN);
        } catch (InterruptedException e) {
            // The caller is interrupted already, and learns of it.
        }
    }

    private RuntimeException thrown(Map<String, ?> request, @Nullable Throwable cause, Deadline deadline)
            throws IOException, TimeoutException {
        switch (cause) {
            case RpcFailure failure -> {
                if (className(failure).endsWith(".TimeoutError")) {
                    throw new TimeoutException(about(request) + ": not within " + deadline + detail(failure));
                }
                return raised(request, failure);
            }
            case IOException lost ->
                throw new IOException(
                        "lost " + scheduler + " while " + about(request) + " waited: " + lost.getMessage(), lost);
            case RuntimeException other -> throw other;
            case null, default -> throw new IllegalStateException(cause);
        }
    }

    private static String about(Map<String, ?> request) {
        Object name = request.containsKey("name") ? request.get("name") : request.get("locks");
        return request.get("op") + " of " + name;
    }

    private static String detail(RpcFailure failure) {
        String text = String.valueOf(failure.getMessage());
        return text.startsWith("Task ") ? " (" + text + ")" : "";
    }

    private static String className(RpcFailure failure) {
        return TaskFailure.className(failure.pickledException());
    }

    private static RuntimeException raised(Map<String, ?> request, RpcFailure failure) {
        String text = about(request) + ": " + failure.getMessage();
        return switch (className(failure)) {
            case "builtins.ValueError", "builtins.TypeError" -> new IllegalArgumentException(text, failure);
            case "builtins.KeyError" -> {
                var missing = new NoSuchElementException(text);
                missing.initCause(failure);
                yield missing;
            }
            default -> new IllegalStateException(text, failure);
        };
    }
}
