package io.github.daskjvm.scheduler;

import io.github.daskjvm.comm.Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The forms in which people write a worker's address, and the one that workers register with: what Dask's
/// `coerce_address` does.
public final class WorkerAddress {
    private static final Pattern WITH_PORT = Pattern.compile("(?:[a-z]+://)?(?:\\[[^\\]]+]|[^:/\\[\\]]+):\\d{1,5}");
    private static final Pattern IPV4 = Pattern.compile("[\\d.]+");

    private WorkerAddress() {}

    /// `localhost:1234`, `tcp://localhost:1234` and the pair `("localhost", 1234)` are `tcp://127.0.0.1:1234`. A name
    /// is looked up, which can take a while: not for the event loop.
    ///
    /// @return null for what is no address: it has no port, or a host that nobody knows
    public static @Nullable String of(@Nullable Object given) {
        if (given instanceof List<?> pair && pair.size() == 2) {
            String host = String.valueOf(pair.getFirst());
            return of((host.contains(":") ? "[" + host + "]" : host) + ":" + pair.getLast());
        }
        if (!(given instanceof String text) || !WITH_PORT.matcher(text).matches()) {
            return null;
        }
        try {
            Address address = Address.parse(text);
            String host = address.host();
            if (!host.contains(":") && !IPV4.matcher(host).matches()) {
                host = InetAddress.getByName(host).getHostAddress();
            }
            return new Address(address.protocol(), host, address.port()).toString();
        } catch (UnknownHostException | IllegalArgumentException e) {
            return null;
        }
    }
}
