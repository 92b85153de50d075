package io.github.daskjvm.cli.options;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// What a worker has of which tasks may take a part: `GPU=2 MEM=10e9`, apart by blanks or commas.
public final class Resources {
    private Resources() {}

    /// @throws BadOptionException for any other form
    public static SequencedMap<String, Double> parse(String text) {
        var resources = new LinkedHashMap<String, Double>();
        for (String pair : text.replace(',', ' ').strip().split("\\s+")) {
            if (pair.isEmpty()) {
                continue;
            }
            String[] sides = pair.split("=", -1);
            try {
                double amount = sides.length == 2 ? Double.parseDouble(sides[1]) : Double.NaN;
                if (sides[0].isEmpty() || !Double.isFinite(amount) || amount < 0) {
                    throw refused(pair);
                }
                resources.put(sides[0], amount);
            } catch (NumberFormatException e) {
                throw refused(pair);
            }
        }
        return resources;
    }

    private static BadOptionException refused(String pair) {
        return new BadOptionException(
                "'" + pair + "' is no amount of a resource; the form is NAME=NUMBER, such as GPU=2");
    }
}
