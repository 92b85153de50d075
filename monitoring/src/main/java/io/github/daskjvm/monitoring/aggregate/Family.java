package io.github.daskjvm.monitoring.aggregate;

import java.util.ArrayList;
import java.util.List;

/// The samples of one name on a metrics page, with what is said of them.
final class Family {
    static final String UNTYPED = "untyped";

    private final String name;
    private final List<Sample> samples = new ArrayList<>();
    private String type = UNTYPED;
    private String help = "";

    Family(String name) {
        this.name = name;
    }

    Family(String name, String type, String help) {
        this(name);
        this.type = type;
        this.help = help;
    }

    String name() {
        return name;
    }

    String type() {
        return type;
    }

    void type(String given) {
        type = given;
    }

    /// Escaped as it is printed.
    String help() {
        return help;
    }

    void help(String given) {
        help = given;
    }

    List<Sample> samples() {
        return samples;
    }

    /// Whether a sample of this name belongs here: histograms and summaries have samples of more names than one.
    boolean has(String sample) {
        if (!sample.startsWith(name)) {
            return false;
        }
        return switch (sample.substring(name.length())) {
            case "" -> true;
            case "_sum", "_count" -> type.equals("histogram") || type.equals("summary");
            case "_bucket" -> type.equals("histogram");
            default -> false;
        };
    }
}
