package io.github.daskjvm.lab.serializers;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// The kinds of values that are written.
final class Kinds {
    private Kinds() {}

    /// A row of a table.
    record Reading(long id, String sensor, double value) implements Serializable {}

    static Map<String, Object> all() {
        var random = new Random(1);
        Map<String, Object> kinds = new LinkedHashMap<>();
        kinds.put("Integer", 12_345);
        kinds.put("String of 11", "hello world");
        double[] numbers = random.doubles(125_000).toArray();
        kinds.put("double[125,000]", numbers);
        byte[] bytes = new byte[1_000_000];
        random.nextBytes(bytes);
        kinds.put("byte[1,000,000]", bytes);
        var texts = new ArrayList<String>();
        var readings = new ArrayList<Reading>();
        Map<String, List<Integer>> lists = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            texts.add("text " + random.nextInt(1_000_000));
            readings.add(new Reading(i, "sensor-" + i % 100, random.nextDouble()));
            lists.computeIfAbsent("key-" + i % 1_000, key -> new ArrayList<>()).add(random.nextInt());
        }
        kinds.put("List of 10,000 strings", texts);
        kinds.put("List of 10,000 records", readings);
        kinds.put("Map of 1,000 lists of 10", lists);
        return kinds;
    }
}
