package io.github.daskjvm.lab.grids;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// A tree on a system that knows no futures as arguments: arrays are kept under keys, each by the member that owns its
/// key, tasks are sent to members, and the client sends a task once its inputs are there.
///
/// @param <M> a member
final class KeyedTree<M> {
    /// What the system can do. Every method returns at once.
    interface Members<M> {
        /// A key that begins with the name and is the member's.
        String ownedKey(String name, M owner);

        /// Has the member make a leaf and keep it.
        CompletableFuture<?> leaf(M member, String key, int index, int sizeBytes);

        /// Has the member add two arrays, keep the sum, and remove the two.
        CompletableFuture<?> add(M member, String key, String one, String other);

        /// Has the member sum up an array's elements, and remove it.
        CompletableFuture<Long> total(M member, String key);
    }

    private record Held(String key, CompletableFuture<?> done) {}

    private final Members<M> system;
    private final List<M> members;

    KeyedTree(Members<M> system, List<M> members) {
        this.system = system;
        this.members = members;
    }

    private M member(int index) {
        return members.get(index % members.size());
    }

    CompletableFuture<Long> run(Tree tree) {
        var level = new ArrayList<Held>();
        for (int i = 0; i < tree.leaves(); i++) {
            String key = system.ownedKey(tree.name() + "-0-" + i, member(i));
            level.add(new Held(key, system.leaf(member(i), key, i, tree.sizeBytes())));
        }
        for (int depth = 1; level.size() > 1; depth++) {
            var next = new ArrayList<Held>();
            for (int i = 0; i < level.size(); i += 2) {
                Held one = level.get(i);
                Held other = level.get(i + 1);
                M member = member(i / 2);
                String key = system.ownedKey(tree.name() + "-" + depth + "-" + i / 2, member);
                next.add(new Held(
                        key,
                        CompletableFuture.allOf(one.done, other.done)
                                .thenCompose(done -> system.add(member, key, one.key, other.key))));
            }
            level = next;
        }
        Held root = level.getFirst();
        return root.done.thenCompose(done -> system.total(member(0), root.key));
    }
}
