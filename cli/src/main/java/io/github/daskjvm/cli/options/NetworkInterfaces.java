package io.github.daskjvm.cli.options;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.stream.Collectors;

/// `--interface eth0`: a host by the name of a network interface.
public final class NetworkInterfaces {
    private NetworkInterfaces() {}

    /// The interface's IPv4 address, as in Dask.
    ///
    /// @throws BadOptionException when there is no such interface, or it has no such address
    public static String address(String name) {
        try {
            NetworkInterface found = NetworkInterface.getByName(name);
            if (found == null) {
                String all = NetworkInterface.networkInterfaces()
                        .map(NetworkInterface::getName)
                        .sorted()
                        .collect(Collectors.joining(", "));
                throw new BadOptionException("there is no network interface '" + name + "'; this machine has " + all);
            }
            List<InetAddress> addresses = found.inetAddresses().toList();
            for (InetAddress address : addresses) {
                if (address instanceof Inet4Address) {
                    return address.getHostAddress();
                }
            }
            throw new BadOptionException("the network interface '" + name + "' has no IPv4 address");
        } catch (SocketException e) {
            throw new BadOptionException("the network interfaces can not be listed: " + e.getMessage());
        }
    }
}
