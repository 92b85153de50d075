package io.github.daskjvm.comm;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a peer listens: `tcp://host:port` or `tls://host:port`, with `[…]` around an IPv6 host. The text is an
/// identity: it goes over the wire exactly as the peer gave it.
///
/// @param host without brackets
public record Address(String protocol, String host, int port) {
    private static final Pattern FORM = Pattern.compile("(?:([a-z]+)://)?(\\[[^\\]]+]|[^:\\[\\]/]+)(?::(\\d{1,5}))?");
    public static final int DEFAULT_PORT = 8786;

    /// @param text protocol and port may be missing: `tcp` and 8786 then
    /// @throws IllegalArgumentException saying what is wrong with the text
    public static Address parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "the address '" + text + "' is not of the form tcp://host:port or tls://host:port");
        }
        String protocol = matcher.group(1) == null ? "tcp" : matcher.group(1);
        if (!protocol.equals("tcp") && !protocol.equals("tls")) {
            throw new IllegalArgumentException(
                    "the address '" + text + "' asks for " + protocol + "; only tcp and tls are spoken here");
        }
        String host = matcher.group(2);
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        }
        int port = matcher.group(3) == null ? DEFAULT_PORT : Integer.parseInt(matcher.group(3));
        if (port > 65535) {
            throw new IllegalArgumentException("the address '" + text + "' has a port above 65535");
        }
        return new Address(protocol, host, port);
    }

    public boolean isTls() {
        return protocol.equals("tls");
    }

    @Override
    public String toString() {
        return protocol + "://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
