package io.github.daskjvm.monitoring;

import java.util.LinkedHashMap;
import java.util.Map;

/// A metrics page taken apart: sample with labels, as printed, to value.
public record Scraped(String text, Map<String, Double> samples) {
    public static Scraped of(String text) {
        var samples = new LinkedHashMap<String, Double>();
        for (String line : text.split("\n")) {
            if (!line.startsWith("#")) {
                int space = line.lastIndexOf(' ');
                samples.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
            }
        }
        return new Scraped(text, samples);
    }

    /// All samples of one family summed.
    public double sum(String name) {
        double sum = 0;
        for (Map.Entry<String, Double> sample : samples.entrySet()) {
            if (sample.getKey().equals(name) || sample.getKey().startsWith(name + "{")) {
                sum += sample.getValue();
            }
        }
        return sum;
    }
}
