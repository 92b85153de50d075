package io.github.daskjvm.cli.options;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `--host`: a name or address, or a URI that has a protocol or a port as well, such as `tls://10.0.0.5:8786`.
///
/// @param host without brackets; empty for every interface
public record HostAndPort(Optional<String> protocol, String host, OptionalInt port) {
    private static final Pattern FORM =
            Pattern.compile("(?:([a-z+]+)://)?(\\[[^\\]]*]|[^:\\[\\]/]*|[0-9a-fA-F]*:[0-9a-fA-F:]*)(?::(\\d{1,5}))?");

    /// @throws BadOptionException for any other form
    public static HostAndPort parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new BadOptionException(
                    "'" + text + "' is no host; the forms are a name, an address, and tcp://host:port");
        }
        String host = matcher.group(2);
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        }
        String port = matcher.group(3);
        return new HostAndPort(
                Optional.ofNullable(matcher.group(1)),
                host,
                port == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(port)));
    }
}
