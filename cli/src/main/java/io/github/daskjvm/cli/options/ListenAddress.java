package io.github.daskjvm.cli.options;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where the dashboard listens: `:8787`, `8787`, `host:8787`, or `host` for any free port.
///
/// @param host without brackets; empty for every interface
/// @param port 0 for any free one
public record ListenAddress(String host, int port) {
    private static final Pattern FORM = Pattern.compile("(\\[[^\\]]*]|[^:\\[\\]/]*)(?::(\\d{1,5}))?");

    /// @throws BadOptionException for any other form
    public static ListenAddress parse(String text) {
        if (text.matches("\\d{1,5}")) {
            return new ListenAddress("", port(text, text));
        }
        Matcher matcher = FORM.matcher(text);
        if (text.isEmpty() || !matcher.matches()) {
            throw new BadOptionException("'" + text + "' is no address to listen on; the forms are :8787, 8787, "
                    + "host:8787, and :0 for any free port");
        }
        String host = matcher.group(1);
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        }
        return new ListenAddress(host, matcher.group(2) == null ? 0 : port(matcher.group(2), text));
    }

    private static int port(String digits, String text) {
        int port = Integer.parseInt(digits);
        if (port > 65535) {
            throw new BadOptionException("'" + text + "' has a port above 65535");
        }
        return port;
    }
}
