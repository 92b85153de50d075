package io.github.daskjvm.worker.nanny;

import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import io.github.daskjvm.comm.Tls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A worker's process, as it is tied to its nanny. Orders come as lines of its standard input, which ends when the
/// nanny is gone; reports go to the nanny's port.
///
/// | line | |
/// |---|---|
/// | `nanny INDEX ADDRESS SECRET` | the first one: who this process is to be, and how to report |
/// | `stop MILLIS REASON` | close at once |
/// | `retire MILLIS REASON` | have the data moved off, and close |
public final class NannyLink {
    private static final Duration REPORT_EVERY = Duration.ofSeconds(1);
    private static final Duration REPORT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration ORPHAN_PATIENCE = Duration.ofSeconds(5);
    /// Beyond what the nanny waits, which kills.
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final BufferedReader input;
    private final int index;
    private final String nanny;
    private final String secret;

    /// What the process is to do. Called on the thread that reads orders.
    public interface Orders {
        /// @param gracefully the data is to be moved off first
        /// @param patience before the nanny kills the process
        void close(boolean gracefully, Duration patience, String reason);
    }

    private NannyLink(BufferedReader input, int index, String nanny, String secret) {
        this.input = input;
        this.index = index;
        this.nanny = nanny;
        this.secret = secret;
    }

    /// Reads the first line.
    ///
    /// @throws IOException if it is not a nanny's
    public static NannyLink open(InputStream standardInput) throws IOException {
        var input = new BufferedReader(new InputStreamReader(standardInput, StandardCharsets.UTF_8));
        String line = input.readLine();
        String[] words = line == null ? new String[0] : line.split(" ", -1);
        if (words.length != 4 || !words[0].equals("nanny")) {
            throw new IOException("only a nanny starts this: its standard input must begin with a nanny's line");
        }
        try {
            return new NannyLink(input, Integer.parseInt(words[1]), words[2], words[3]);
        } catch (NumberFormatException e) {
            throw new IOException("a nanny's first line has no number: " + line, e);
        }
    }

    /// Which of the workers that the command line describes this process is to be, from 0 on.
    public int index() {
        return index;
    }

    /// The nanny's address.
    public String nanny() {
        return nanny;
    }

    /// Has orders carried out from now on, on a thread of its own. A process that does not end in time after one is
    /// halted.
    public void obey(Orders orders) {
        Thread.ofPlatform().daemon().name("nanny's orders").start(() -> {
            boolean gone = false;
            while (!gone) {
                String line;
                try {
                    line = input.readLine();
                } catch (IOException e) {
                    line = null;
                }
                gone = line == null;
                carryOut(line == null ? "stop " + ORPHAN_PATIENCE.toMillis() + " the nanny is gone" : line, orders);
            }
        });
    }

    private static void carryOut(String line, Orders orders) {
        String[] words = line.split(" ", 3);
        if (words.length < 3 || !(words[0].equals("stop") || words[0].equals("retire"))) {
            return;
        }
        Duration patience = Duration.ofMillis(Long.parseLong(words[1]));
        Thread.ofPlatform().daemon().name("last resort").start(() -> {
            try {
                Thread.sleep(patience.plus(GRACE));
            } catch (InterruptedException e) {
                return;
            }
            Runtime.getRuntime().halt(1);
        });
        Thread.ofPlatform().name("close").start(() -> orders.close(words[0].equals("retire"), patience, words[2]));
    }

    /// Tells the nanny that the worker is part of the cluster, and then from time to time of its memory.
    ///
    /// @param memoryLimitBytes 0 for none
    /// @throws IOException if the nanny does not hear it
    public void joined(String worker, long memoryLimitBytes, @Nullable Tls tls) throws IOException {
        var pool = new RpcPool(tls, REPORT_TIMEOUT);
        report(pool, Map.of("address", worker, "memory_limit", memoryLimitBytes));
        if (memoryLimitBytes > 0) {
            Thread.ofVirtual().name("nanny-reports").start(() -> reportMemory(pool));
        } else {
            pool.close();
        }
    }

    private void reportMemory(RpcPool pool) {
        try {
            while (true) {
                Thread.sleep(REPORT_EVERY);
                try {
                    report(pool, Map.of());
                } catch (IOException e) {
                    // It is gone, which the orders' end tells.
                }
            }
        } catch (InterruptedException e) {
            pool.close();
        }
    }

    private void report(RpcPool pool, Map<String, ?> more) throws IOException {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("op", "worker_report");
        report.put("secret", secret);
        report.put("pid", ProcessHandle.current().pid());
        report.put("uncounted", uncountedBytes());
        report.putAll(more);
        try {
            Object reply = pool.call(nanny, report, REPORT_TIMEOUT);
            if (!(reply instanceof Map<?, ?> map) || !"OK".equals(map.get("status"))) {
                throw new IOException("the nanny answered a report with " + reply);
            }
        } catch (RpcFailure e) {
            throw new IOException("the nanny refused a report: " + e.getMessage(), e);
        }
    }

    /// What of the process is no data: heap that was in use once and held nothing alive after the last collection,
    /// classes, and compiled code. What the JVM has only set aside takes no memory of the machine.
    private static long uncountedBytes() {
        long bytes = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            long committed = pool.getUsage().getCommitted();
            if (pool.getType() == MemoryType.HEAP) {
                MemoryUsage alive = pool.getCollectionUsage();
                long touched = Math.min(pool.getPeakUsage().getUsed(), committed);
                bytes += touched - (alive == null ? 0 : alive.getUsed());
            } else {
                bytes += committed;
            }
        }
        return Math.max(0, bytes);
    }
}
