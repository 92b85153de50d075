package io.github.daskjvm.lab.grids;

import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.cluster.Member;
import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.SerializationConfig;
import com.hazelcast.core.ExecutionCallback;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.HazelcastInstanceAware;
import com.hazelcast.core.IExecutorService;
import com.hazelcast.map.IMap;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Hazelcast's `IExecutorService`. The no-op task has Hazelcast's own quick form of serialization, and results
/// are taken by callbacks: futures taken one after the other would have the client wait now and then on its own
/// account.
///
/// The arrays of a tree are entries of an `IMap` without backups, under keys that the member owns that is to have them;
/// a task is sent there, and reads its other input from the other member.
final class HazelcastGrid implements Grid, KeyedTree.Members<Member> {
    private static final int FACTORY = 1;

    private final HazelcastInstance client;
    private final IExecutorService executor;
    private final List<Member> members = new ArrayList<>();

    private HazelcastGrid(HazelcastInstance client) {
        this.client = client;
        this.executor = client.getExecutorService("tasks");
    }

    static HazelcastGrid client(int port, int memberCount) throws Exception {
        var config = new ClientConfig();
        config.setProperty("hazelcast.logging.type", "slf4j");
        config.getNetworkConfig().addAddress("127.0.0.1:" + port);
        serialization(config.getSerializationConfig());
        HazelcastInstance client = HazelcastClient.newHazelcastClient(config);
        while (client.getCluster().getMembers().size() < memberCount) {
            Thread.sleep(50);
        }
        var grid = new HazelcastGrid(client);
        grid.members.addAll(client.getCluster().getMembers());
        grid.members.sort(Comparator.comparing(member -> member.getAddress().getPort()));
        return grid;
    }

    static void member(int port, int number, int threads) {
        var config = new Config();
        config.setProperty("hazelcast.logging.type", "slf4j");
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.getNetworkConfig().setPort(port + number).setPortAutoIncrement(false);
        config.getNetworkConfig().setPublicAddress("127.0.0.1:" + (port + number));
        config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
        JoinConfig join = config.getNetworkConfig().getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(true).addMember("127.0.0.1:" + port);
        config.getExecutorConfig("tasks").setPoolSize(threads).setStatisticsEnabled(false);
        config.getMapConfig("arrays").setBackupCount(0).setStatisticsEnabled(false);
        serialization(config.getSerializationConfig());
        Hazelcast.newHazelcastInstance(config);
    }

    private static void serialization(SerializationConfig config) {
        config.addDataSerializableFactory(FACTORY, type -> new Echo());
    }

    /// A no-op task.
    static final class Echo implements Callable<Integer>, IdentifiedDataSerializable {
        private int value;

        @Override
        public Integer call() {
            return value;
        }

        @Override
        public int getFactoryId() {
            return FACTORY;
        }

        @Override
        public int getClassId() {
            return 1;
        }

        @Override
        public void writeData(ObjectDataOutput out) throws IOException {
            out.writeInt(value);
        }

        @Override
        public void readData(ObjectDataInput in) throws IOException {
            value = in.readInt();
        }
    }

    private static Echo echo(int value) {
        var task = new Echo();
        task.value = value;
        return task;
    }

    /// One by one, too: there is no call for many different tasks.
    @Override
    public long batch(int tasks) throws Exception {
        return submitted(tasks);
    }

    @Override
    public long submitted(int tasks) throws Exception {
        var futures = new ArrayList<Future<Integer>>(tasks);
        for (int i = 0; i < tasks; i++) {
            futures.add(executor.submit(echo(i)));
        }
        long sum = 0;
        for (Future<Integer> future : futures) {
            sum += future.get();
        }
        return sum;
    }

    @Override
    public int roundTrip(int value) throws Exception {
        return executor.submit(echo(value)).get();
    }

    /// Makes an array, or adds two, and keeps it in the map.
    private static final class Node implements Callable<Boolean>, Serializable, HazelcastInstanceAware {
        private static final long serialVersionUID = 1;

        private final String key;
        private final int leaf;
        private final int sizeBytes;
        private final @Nullable String one;
        private final @Nullable String other;
        private transient @Nullable HazelcastInstance hazelcast;

        Node(String key, int leaf, int sizeBytes, @Nullable String one, @Nullable String other) {
            this.key = key;
            this.leaf = leaf;
            this.sizeBytes = sizeBytes;
            this.one = one;
            this.other = other;
        }

        @Override
        public void setHazelcastInstance(HazelcastInstance instance) {
            hazelcast = instance;
        }

        @Override
        public Boolean call() {
            IMap<String, byte[]> arrays = arrays(hazelcast);
            if (one == null || other == null) {
                arrays.set(key, Tree.leaf(leaf, sizeBytes));
            } else {
                arrays.set(key, Tree.add(array(arrays, one), array(arrays, other)));
                arrays.delete(one);
                arrays.delete(other);
            }
            return true;
        }
    }

    /// The last task of a tree.
    private static final class Total implements Callable<Long>, Serializable, HazelcastInstanceAware {
        private static final long serialVersionUID = 1;

        private final String key;
        private transient @Nullable HazelcastInstance hazelcast;

        Total(String key) {
            this.key = key;
        }

        @Override
        public void setHazelcastInstance(HazelcastInstance instance) {
            hazelcast = instance;
        }

        @Override
        public Long call() {
            IMap<String, byte[]> arrays = arrays(hazelcast);
            long total = Tree.total(array(arrays, key));
            arrays.delete(key);
            return total;
        }
    }

    private static IMap<String, byte[]> arrays(@Nullable HazelcastInstance hazelcast) {
        if (hazelcast == null) {
            throw new IllegalStateException("not on a member");
        }
        return hazelcast.getMap("arrays");
    }

    private static byte[] array(IMap<String, byte[]> arrays, String key) {
        byte[] array = arrays.get(key);
        if (array == null) {
            throw new IllegalStateException("the array " + key + " is gone");
        }
        return array;
    }

    @Override
    public CompletableFuture<Long> tree(Tree tree) {
        return new KeyedTree<>(this, members).run(tree);
    }

    @Override
    public CompletableFuture<?> leaf(Member member, String key, int index, int sizeBytes) {
        return run(new Node(key, index, sizeBytes, null, null), member);
    }

    @Override
    public CompletableFuture<?> add(Member member, String key, String one, String other) {
        return run(new Node(key, 0, 0, one, other), member);
    }

    @Override
    public CompletableFuture<Long> total(Member member, String key) {
        return run(new Total(key), member);
    }

    @Override
    public String ownedKey(String name, Member owner) {
        for (int i = 0; ; i++) {
            String key = name + "/" + i;
            if (owner.equals(client.getPartitionService().getPartition(key).getOwner())) {
                return key;
            }
        }
    }

    private <T> CompletableFuture<T> run(Callable<T> task, Member member) {
        var result = new CompletableFuture<T>();
        executor.submitToMember(task, member, new ExecutionCallback<T>() {
            @Override
            public void onResponse(T value) {
                result.complete(value);
            }

            @Override
            public void onFailure(Throwable failure) {
                result.completeExceptionally(failure);
            }
        });
        return result;
    }

    @Override
    public void close() {
        client.shutdown();
    }
}
