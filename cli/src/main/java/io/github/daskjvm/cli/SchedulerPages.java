package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.options.BadOptionException;
import io.github.daskjvm.comm.Address;
import io.github.daskjvm.comm.RpcFailure;
import io.github.daskjvm.comm.RpcPool;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where a scheduler serves its pages.
///
/// @param authority `host:port`
record SchedulerPages(boolean https, String authority) {
    private static final String DEFAULT_PORT = "8787";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Pattern FORM =
            Pattern.compile("(?:(https?|tcp|tls)://)?(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+)(?::(\\d{1,5}))?(/.*)?");

    /// The address of the pages themselves is taken as it is; behind one of protocol `tcp` or `tls` the scheduler is
    /// asked.
    ///
    /// @throws BadOptionException for what is no address
    /// @throws CommandFailedException when the scheduler does not answer, or serves no pages
    static SchedulerPages find(String text, DaskConfig config, TlsOptions tls) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new BadOptionException(
                    "'" + text + "' is no address of a scheduler; the forms are http://host:port and tcp://host:port");
        }
        String protocol = matcher.group(1) == null ? "http" : matcher.group(1);
        String host = matcher.group(2);
        if (protocol.startsWith("http")) {
            String port = matcher.group(3) == null ? DEFAULT_PORT : matcher.group(3);
            return new SchedulerPages(protocol.equals("https"), host + ":" + port);
        }
        return new SchedulerPages(false, host + ":" + ask(Address.parse(text), config, tls));
    }

    private static long ask(Address address, DaskConfig config, TlsOptions tls) {
        String instead = "; give the address of its pages, such as http://" + address.host() + ":" + DEFAULT_PORT;
        var certificates = address.isTls() ? TlsSettings.load(config, tls, "client") : null;
        try (var rpc = new RpcPool(certificates, TIMEOUT)) {
            Object identity = rpc.call(address.toString(), Map.of("op", "identity", "n_workers", 0), TIMEOUT);
            if (identity instanceof Map<?, ?> map
                    && map.get("services") instanceof Map<?, ?> services
                    && services.get("dashboard") instanceof Number port) {
                return port.longValue();
            }
        } catch (IOException | RpcFailure e) {
            throw new CommandFailedException(
                    "the scheduler at " + address + " does not say where its pages are: " + e.getMessage() + instead,
                    e);
        }
        throw new CommandFailedException("the scheduler at " + address + " serves no pages" + instead);
    }
}
