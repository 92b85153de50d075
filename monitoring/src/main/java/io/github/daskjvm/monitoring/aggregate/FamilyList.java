package io.github.daskjvm.monitoring.aggregate;

import java.util.ArrayList;
import java.util.List;

/// Families of our own under construction, all names beginning alike. They are written by [MergedPage], which keeps
/// names as they are where the Prometheus library would take `…_count` and `…_count_total` for one.
public final class FamilyList {
    private final String prefix;
    private final List<Family> families = new ArrayList<>();

    /// @param prefix such as `dask_worker_`
    public FamilyList(String prefix) {
        this.prefix = prefix;
    }

    /// A family under construction: [#add] a sample for each set of labels.
    public interface Samples {
        /// @param labels name, value, name, value, …
        Samples add(double value, String... labels);
    }

    public Samples gauges(String name, String help) {
        return family(prefix + name, "gauge", help);
    }

    public void gauge(String name, String help, double value) {
        gauges(name, help).add(value);
    }

    /// @param name with `_total`
    public void counter(String name, String help, double value) {
        family(prefix + name, "counter", help).add(value);
    }

    /// A gauge whose name ends in `_count`, to which `promtool check metrics` objects in a gauge.
    void untyped(String name, String help, double value) {
        family(prefix + name, Family.UNTYPED, help).add(value);
    }

    /// A family with a name of its own.
    void plain(String name, String type, String help, double value) {
        family(name, type, help).add(value);
    }

    List<Family> families() {
        return families;
    }

    /// The families as a page of metrics.
    public byte[] write() {
        var page = new MergedPage();
        families.forEach(page::add);
        return page.write();
    }

    private Samples family(String name, String type, String help) {
        var family = new Family(name, type, help);
        families.add(family);
        return new Samples() {
            @Override
            public Samples add(double value, String... labels) {
                var text = new StringBuilder();
                for (int i = 0; i < labels.length; i += 2) {
                    text.append(i == 0 ? "" : ",").append(label(labels[i], labels[i + 1]));
                }
                family.samples().add(new Sample(name, text.toString(), number(value)));
                return this;
            }
        };
    }

    /// A label as it is printed.
    static String label(String name, String value) {
        return name + "=\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    private static String number(double value) {
        if (value == Double.POSITIVE_INFINITY) {
            return "+Inf";
        }
        return value == Double.NEGATIVE_INFINITY ? "-Inf" : Double.toString(value);
    }
}
