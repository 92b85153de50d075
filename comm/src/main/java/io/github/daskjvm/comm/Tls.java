package io.github.daskjvm.comm;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/// Encrypted sockets that both prove themselves by a certificate of the same authority. Host names are not
/// checked, as in Dask.
public final class Tls {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private final SSLContext context;

    public Tls(SSLContext context) {
        this.context = context;
    }

    Socket client(Socket connected, Address address) throws IOException {
        var socket =
                (SSLSocket) context.getSocketFactory().createSocket(connected, address.host(), address.port(), true);
        socket.setEnabledProtocols(PROTOCOLS);
        socket.startHandshake();
        return socket;
    }

    ServerSocket server() throws IOException {
        var socket = (SSLServerSocket) context.getServerSocketFactory().createServerSocket();
        socket.setEnabledProtocols(PROTOCOLS);
        socket.setNeedClientAuth(true);
        return socket;
    }
}
