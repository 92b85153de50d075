package io.github.daskjvm.lab.grids;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteCache;
import org.apache.ignite.IgniteCompute;
import org.apache.ignite.Ignition;
import org.apache.ignite.cluster.ClusterNode;
import org.apache.ignite.configuration.CacheConfiguration;
import org.apache.ignite.configuration.DataRegionConfiguration;
import org.apache.ignite.configuration.DataStorageConfiguration;
import org.apache.ignite.configuration.IgniteConfiguration;
import org.apache.ignite.lang.IgniteCallable;
import org.apache.ignite.lang.IgniteFuture;
import org.apache.ignite.logger.java.JavaLogger;
import org.apache.ignite.resources.IgniteInstanceResource;
import org.apache.ignite.spi.communication.tcp.TcpCommunicationSpi;
import org.apache.ignite.spi.discovery.tcp.TcpDiscoverySpi;
import org.apache.ignite.spi.discovery.tcp.ipfinder.vm.TcpDiscoveryVmIpFinder;
import org.jspecify.annotations.Nullable;

/// Apache Ignite's compute grid, with a client node. The arrays of a tree are entries of a cache without backups, under
/// keys of which the node is the primary one that is to have them; a task is sent there, and reads its other input from
/// the other node.
final class IgniteGrid implements Grid, KeyedTree.Members<ClusterNode> {
    private static final String ARRAYS = "arrays";

    private final Ignite ignite;
    private final IgniteCompute compute;
    private final List<ClusterNode> members = new ArrayList<>();

    private IgniteGrid(Ignite ignite) {
        this.ignite = ignite;
        this.compute = ignite.compute(ignite.cluster().forServers());
    }

    static IgniteGrid client(int port, int memberCount) throws Exception {
        Ignite ignite = Ignition.start(configuration(port, 9).setClientMode(true));
        while (ignite.cluster().forServers().nodes().size() < memberCount) {
            Thread.sleep(50);
        }
        var grid = new IgniteGrid(ignite);
        grid.members.addAll(ignite.cluster().forServers().nodes());
        grid.members.sort(Comparator.comparing(ClusterNode::order));
        return grid;
    }

    static void member(int port, int number, int threads) {
        var arrays = new CacheConfiguration<String, byte[]>(ARRAYS).setBackups(0);
        Ignition.start(configuration(port, number)
                .setPublicThreadPoolSize(threads)
                .setCacheConfiguration(arrays)
                .setDataStorageConfiguration(new DataStorageConfiguration()
                        .setDefaultDataRegionConfiguration(new DataRegionConfiguration().setMaxSize(512L << 20))));
    }

    private static IgniteConfiguration configuration(int port, int number) {
        return new IgniteConfiguration()
                .setIgniteInstanceName("node-" + number)
                .setConsistentId("node-" + number)
                .setWorkDirectory(System.getProperty("java.io.tmpdir"))
                .setGridLogger(new JavaLogger())
                .setMetricsLogFrequency(0)
                .setLocalHost("127.0.0.1")
                .setCommunicationSpi(
                        new TcpCommunicationSpi().setLocalPort(port + 20).setLocalPortRange(10))
                .setDiscoverySpi(new TcpDiscoverySpi()
                        .setLocalPort(port)
                        .setLocalPortRange(10)
                        .setIpFinder(new TcpDiscoveryVmIpFinder().setAddresses(List.of("127.0.0.1:" + port))));
    }

    /// Not a record: Ignite can't send one.
    private static final class Echo implements IgniteCallable<Integer> {
        private static final long serialVersionUID = 1;

        private final int value;

        Echo(int value) {
            this.value = value;
        }

        @Override
        public Integer call() {
            return value;
        }
    }

    /// One by one, too: given a collection of ten thousand tasks, Ignite runs out of a heap of 1 GB.
    @Override
    public long batch(int tasks) throws Exception {
        return submitted(tasks);
    }

    @Override
    public long submitted(int tasks) throws Exception {
        var sum = new Sum(tasks);
        for (int i = 0; i < tasks; i++) {
            compute.callAsync(new Echo(i)).listen(done -> {
                try {
                    sum.add(done.get());
                } catch (RuntimeException e) {
                    sum.fail(e);
                }
            });
        }
        return sum.await();
    }

    @Override
    public int roundTrip(int value) {
        return compute.call(new Echo(value));
    }

    /// Makes an array, or adds two, and keeps it in the cache.
    private static final class Node implements IgniteCallable<Boolean> {
        private static final long serialVersionUID = 1;

        private final String key;
        private final int leaf;
        private final int sizeBytes;
        private final @Nullable String one;
        private final @Nullable String other;

        @IgniteInstanceResource
        private transient @Nullable Ignite ignite;

        Node(String key, int leaf, int sizeBytes, @Nullable String one, @Nullable String other) {
            this.key = key;
            this.leaf = leaf;
            this.sizeBytes = sizeBytes;
            this.one = one;
            this.other = other;
        }

        @Override
        public Boolean call() {
            IgniteCache<String, byte[]> arrays = arrays(ignite);
            if (one == null || other == null) {
                arrays.put(key, Tree.leaf(leaf, sizeBytes));
            } else {
                arrays.put(key, Tree.add(arrays.get(one), arrays.get(other)));
                arrays.remove(one);
                arrays.remove(other);
            }
            return true;
        }
    }

    /// The last task of a tree.
    private static final class Total implements IgniteCallable<Long> {
        private static final long serialVersionUID = 1;

        private final String key;

        @IgniteInstanceResource
        private transient @Nullable Ignite ignite;

        Total(String key) {
            this.key = key;
        }

        @Override
        public Long call() {
            IgniteCache<String, byte[]> arrays = arrays(ignite);
            long total = Tree.total(arrays.get(key));
            arrays.remove(key);
            return total;
        }
    }

    private static IgniteCache<String, byte[]> arrays(@Nullable Ignite ignite) {
        if (ignite == null) {
            throw new IllegalStateException("not on a node");
        }
        return ignite.cache(ARRAYS);
    }

    @Override
    public CompletableFuture<Long> tree(Tree tree) {
        return new KeyedTree<>(this, members).run(tree);
    }

    @Override
    public CompletableFuture<?> leaf(ClusterNode member, String key, int index, int sizeBytes) {
        return run(new Node(key, index, sizeBytes, null, null), member);
    }

    @Override
    public CompletableFuture<?> add(ClusterNode member, String key, String one, String other) {
        return run(new Node(key, 0, 0, one, other), member);
    }

    @Override
    public CompletableFuture<Long> total(ClusterNode member, String key) {
        return run(new Total(key), member);
    }

    @Override
    public String ownedKey(String name, ClusterNode owner) {
        for (int i = 0; ; i++) {
            String key = name + "/" + i;
            if (owner.equals(ignite.affinity(ARRAYS).mapKeyToNode(key))) {
                return key;
            }
        }
    }

    private <T> CompletableFuture<T> run(IgniteCallable<T> task, ClusterNode member) {
        var result = new CompletableFuture<T>();
        IgniteFuture<T> future =
                ignite.compute(ignite.cluster().forNode(member)).callAsync(task);
        future.listen(done -> {
            try {
                result.complete(done.get());
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    @Override
    public void close() {
        ignite.close();
    }
}
