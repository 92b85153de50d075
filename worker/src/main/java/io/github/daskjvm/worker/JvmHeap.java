package io.github.daskjvm.worker;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/// How much of this JVM's heap is in use, without what a collection would free, and which part of that is a
/// worker's.
///
/// Until the first collection it is what was in use when the first worker came, with what could be freed of that. A
/// collection tells how much was left; from then on what is known to have changed is the size of the workers'
/// values. What else is there, code of the user's above all, is everybody's, and counted to the workers of this JVM
/// in equal parts. One for the whole JVM. Any thread may call.
final class JvmHeap {
    private static final long COLLECT_PAUSE_MIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    /// Collections asked for take at most one part in so many of the time, as in Dask.
    private static final int COLLECT_SHARE = 20;

    private static final JvmHeap INSTANCE = new JvmHeap();

    private final List<LongSupplier> managed = new CopyOnWriteArrayList<>();
    private final Set<String> pools = new HashSet<>();
    private volatile long unmanagedBytes;
    private long collectAgainNanos = System.nanoTime();

    private JvmHeap() {
        Runtime runtime = Runtime.getRuntime();
        unmanagedBytes = runtime.totalMemory() - runtime.freeMemory();
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP) {
                pools.add(pool.getName());
            }
        }
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            if (collector instanceof NotificationEmitter emitter) {
                emitter.addNotificationListener((notification, handback) -> collected(notification), null, null);
            }
        }
    }

    static JvmHeap get() {
        return INSTANCE;
    }

    /// A worker of this JVM.
    ///
    /// @param managedBytes what its values take in memory; the same object ends it by [#leave]
    void join(LongSupplier managedBytes) {
        managed.add(managedBytes);
    }

    void leave(LongSupplier managedBytes) {
        managed.remove(managedBytes);
    }

    private void collected(Notification notification) {
        if (!GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION.equals(notification.getType())) {
            return;
        }
        var info = GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData());
        // A concurrent collector's pauses free nothing.
        if (!info.getGcName().endsWith("Pauses")) {
            long left = 0;
            for (var usage : info.getGcInfo().getMemoryUsageAfterGc().entrySet()) {
                left += pools.contains(usage.getKey()) ? usage.getValue().getUsed() : 0;
            }
            left(left);
        }
    }

    private void left(long bytes) {
        long values = 0;
        for (LongSupplier each : managed) {
            values += each.getAsLong();
        }
        unmanagedBytes = Math.max(0, bytes - values);
    }

    /// A worker's part of the memory in use.
    ///
    /// @param managedBytes what its values take in memory now
    long usedBytes(long managedBytes) {
        return managedBytes + unmanagedBytes / Math.max(1, managed.size());
    }

    /// Has the JVM collect, unless that was too short a while ago.
    ///
    /// @return whether it did
    synchronized boolean collect() {
        long startNanos = System.nanoTime();
        if (startNanos - collectAgainNanos < 0) {
            return false;
        }
        long before = count();
        System.gc();
        long now = System.nanoTime();
        collectAgainNanos = now + Math.max(COLLECT_PAUSE_MIN_NANOS, COLLECT_SHARE * (now - startNanos));
        if (count() == before) {
            // Switched off by -XX:+DisableExplicitGC: what is known is what the last collection said.
            return false;
        }
        Runtime runtime = Runtime.getRuntime();
        left(runtime.totalMemory() - runtime.freeMemory());
        return true;
    }

    private static long count() {
        long count = 0;
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            count += Math.max(0, collector.getCollectionCount());
        }
        return count;
    }
}
