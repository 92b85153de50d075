package io.github.daskjvm.cli.config;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The tree that configuration is: branches by name, and at the leaves values that know where they came from.
///
/// Names may be written with `-` or `_`; the form that is there first stays, as in `dask.config.canonical_name`.
sealed interface Node {
    /// @param value what YAML or Python can write: text, number, boolean, list, or null
    /// @param source in words that fit after "from"
    record Leaf(@Nullable Object value, String source) implements Node {}

    final class Branch implements Node {
        private final Map<String, Node> children = new LinkedHashMap<>();

        /// Nested maps become branches.
        static Branch of(Map<?, ?> map, String source) {
            var branch = new Branch();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                branch.set(String.valueOf(entry.getKey()), ofValue(entry.getValue(), source));
            }
            return branch;
        }

        static Node ofValue(@Nullable Object value, String source) {
            return value instanceof Map<?, ?> map ? of(map, source) : new Leaf(value, source);
        }

        Map<String, Node> children() {
            return children;
        }

        /// Empty is `null`.
        @Nullable
        Node get(String name) {
            return children.get(canonical(name));
        }

        /// The node at a path such as `distributed.scheduler.validate`.
        @Nullable
        Node find(String path) {
            Node node = this;
            for (String name : path.split("\\.")) {
                if (!(node instanceof Branch branch)) {
                    return null;
                }
                node = branch.get(name);
            }
            return node;
        }

        void set(String name, Node node) {
            children.put(canonical(name), node);
        }

        /// Puts a value at a path, with the branches that lead there.
        void set(String[] path, Node node) {
            Branch branch = this;
            for (int i = 0; i < path.length - 1; i++) {
                if (branch.get(path[i]) instanceof Branch child) {
                    branch = child;
                } else {
                    var child = new Branch();
                    branch.set(path[i], child);
                    branch = child;
                }
            }
            branch.set(path[path.length - 1], node);
        }

        /// What is in `newer` wins; branches are merged name by name.
        void merge(Branch newer) {
            newer.children.forEach((name, node) -> {
                if (node instanceof Branch from) {
                    if (!(get(name) instanceof Branch)) {
                        set(name, new Branch());
                    }
                    if (get(name) instanceof Branch into) {
                        into.merge(from);
                    }
                } else {
                    set(name, node);
                }
            });
        }

        private String canonical(String name) {
            if (children.containsKey(name)) {
                return name;
            }
            String other = name.indexOf('_') >= 0 ? name.replace('_', '-') : name.replace('-', '_');
            return children.containsKey(other) ? other : name;
        }
    }
}
