package io.github.daskjvm.monitoring.discovery;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads values that a peer sent and that may be anything.
public final class Values {
    private Values() {}

    /// A text, or a number as text.
    public static String text(@Nullable Object value, String otherwise) {
        return value instanceof String || value instanceof Number ? value.toString() : otherwise;
    }

    /// 0 where there is none.
    public static double number(@Nullable Object value) {
        return value instanceof Number number ? number.doubleValue() : 0;
    }

    /// Empty where there is none.
    public static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? map : Map.of();
    }

    /// 0 for what is no port.
    static int port(@Nullable Object value) {
        double port = number(value);
        return port >= 1 && port <= 65535 ? (int) port : 0;
    }

    /// The host of `tcp://host:port`, without brackets; empty for other forms, `inproc` among them.
    static String hostOf(String address) {
        int scheme = address.indexOf("://");
        int colon = address.lastIndexOf(':');
        if (scheme < 0 || colon <= scheme + 3) {
            return "";
        }
        String host = address.substring(scheme + 3, colon);
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    /// As in a URL: an IPv6 address in brackets.
    public static String authority(String host, int port) {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
