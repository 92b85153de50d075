package io.github.daskjvm.monitoring.aggregate;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// Families of several pages as one page: those of one name together, with one HELP and one TYPE. Where pages differ
/// on the type it is untyped, which no reader objects to; of the help texts the first is kept.
final class MergedPage {
    private final Map<String, Family> families = new LinkedHashMap<>();

    void add(Family family) {
        add("", family);
    }

    /// @param label put before the labels of each sample, as it is printed; empty for none
    void add(String label, Family family) {
        Family merged = families.computeIfAbsent(family.name(), name -> new Family(name, family.type(), family.help()));
        if (!merged.type().equals(family.type())) {
            merged.type(Family.UNTYPED);
        }
        if (merged.help().isEmpty()) {
            merged.help(family.help());
        }
        for (Sample sample : family.samples()) {
            merged.samples().add(label.isEmpty() ? sample : sample.with(label));
        }
    }

    byte[] write() {
        var page = new StringBuilder();
        for (Family family : families.values()) {
            if (!family.help().isEmpty()) {
                page.append("# HELP ")
                        .append(family.name())
                        .append(' ')
                        .append(family.help())
                        .append('\n');
            }
            page.append("# TYPE ")
                    .append(family.name())
                    .append(' ')
                    .append(family.type())
                    .append('\n');
            for (Sample sample : family.samples()) {
                page.append(sample.name());
                if (!sample.labels().isEmpty()) {
                    page.append('{').append(sample.labels()).append('}');
                }
                page.append(' ').append(sample.value()).append('\n');
            }
        }
        return page.toString().getBytes(StandardCharsets.UTF_8);
    }
}
