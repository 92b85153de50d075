package io.github.daskjvm.cli.options;

import java.util.ArrayList;
import java.util.List;

/// Ports that workers may listen on: `3000`, or `3000:3026` for all from the first to the last.
public final class Ports {
    private Ports() {}

    /// @throws BadOptionException for any other form
    public static List<Integer> parse(String text) {
        String[] ends = text.split(":", -1);
        try {
            int first = Integer.parseInt(ends[0].strip());
            int last = ends.length == 1 ? first : Integer.parseInt(ends[1].strip());
            if (ends.length > 2 || first < 0 || last > 65535 || first > last) {
                throw refused(text);
            }
            var ports = new ArrayList<Integer>();
            for (int port = first; port <= last; port++) {
                ports.add(port);
            }
            return ports;
        } catch (NumberFormatException e) {
            throw refused(text);
        }
    }

    /// Deals the ports out to so many workers in turn; 0, any free port, goes to all.
    ///
    /// @throws BadOptionException when there are fewer ports than workers
    public static List<List<Integer>> apportion(List<Integer> ports, int workers) {
        var shares = new ArrayList<List<Integer>>();
        for (int worker = 0; worker < workers; worker++) {
            shares.add(new ArrayList<>());
        }
        boolean anyFree = ports.equals(List.of(0));
        if (!anyFree && ports.size() < workers) {
            throw new BadOptionException(
                    "there are " + ports.size() + " ports for " + workers + " workers; each needs one");
        }
        for (int i = 0; i < (anyFree ? workers : ports.size()); i++) {
            shares.get(i % workers).add(anyFree ? Integer.valueOf(0) : ports.get(i));
        }
        return shares;
    }

    private static BadOptionException refused(String text) {
        return new BadOptionException(
                "'" + text + "' is no port and no range of ports; the forms are 3000 and 3000:3026");
    }
}
