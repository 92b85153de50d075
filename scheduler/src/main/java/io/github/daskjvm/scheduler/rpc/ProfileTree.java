package io.github.daskjvm.scheduler.rpc;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Statistical profiles as workers give them: trees of call sites, each with the number of times it was
/// seen. Source: `distributed/profile.py`.
final class ProfileTree {
    private ProfileTree() {}

    static Map<String, @Nullable Object> empty() {
        Map<String, @Nullable Object> description = new LinkedHashMap<>();
        description.put("filename", "");
        description.put("name", "");
        description.put("line_number", 0);
        description.put("line", "");
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        tree.put("identifier", "root");
        tree.put("description", description);
        tree.put("count", 0);
        tree.put("children", Map.of());
        return tree;
    }

    /// Adds up counts of equal call sites.
    static Map<String, @Nullable Object> merge(Collection<?> trees) {
        List<Map<?, ?>> maps = new ArrayList<>();
        for (Object tree : trees) {
            if (tree instanceof Map<?, ?> map && map.get("identifier") != null) {
                maps.add(map);
            }
        }
        if (maps.isEmpty()) {
            return empty();
        }
        long count = 0;
        Map<Object, List<Object>> children = new LinkedHashMap<>();
        for (Map<?, ?> map : maps) {
            count += map.get("count") instanceof Number n ? n.longValue() : 0;
            if (map.get("children") instanceof Map<?, ?> below) {
                below.forEach((id, child) -> {
                    if (id != null && child != null) {
                        children.computeIfAbsent(id, i -> new ArrayList<>()).add(child);
                    }
                });
            }
        }
        Map<Object, Object> mergedChildren = new LinkedHashMap<>();
        children.forEach((id, several) -> mergedChildren.put(id, merge(several)));
        Map<String, @Nullable Object> merged = new LinkedHashMap<>();
        merged.put("identifier", maps.getFirst().get("identifier"));
        merged.put("description", maps.getFirst().get("description"));
        merged.put("count", count);
        merged.put("children", mergedChildren);
        return merged;
    }
}
