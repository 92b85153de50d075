package io.github.daskjvm.cli;

import java.util.Map;

/// Options of `dask scheduler` and `dask worker` that mean nothing here. Each is refused with the reason and what to do
/// instead: an option that is quietly ignored is worse than one that is missing.
///
/// Source: `distributed/cli/dask_scheduler.py` and `dask_worker.py`, 2024.12.1.
final class RefusedOptions {
    private static final String PYTHON =
            "it runs Python code in this process, which has no Python; put what your tasks need on the workers, ";

    private static final String PREFIX =
            "pages are served at the root of the dashboard's address; a reverse proxy can add a prefix";

    static final Map<String, String> SCHEDULER = Map.of(
            "--preload", PYTHON + "or write a worker plugin",
            "--jupyter", "it starts a Jupyter server inside the scheduler, which has no Python; start one beside it",
            "--show", "it opens a browser on the scheduler's machine; open the dashboard's address yourself",
            "--dashboard-prefix", PREFIX,
            "--use-xheaders", "the pages do not depend on the client's address; leave it out");

    private static final String LIFETIME =
            "a worker ends when it is told to or when its process is; let what started it (systemd, Kubernetes, a "
                    + "batch system) bound its life, or retire it from the client";

    static final Map<String, String> WORKER = Map.ofEntries(
            Map.entry("--preload", PYTHON + "or for a JVM worker on its CLASSPATH"),
            Map.entry("--preload-nanny", "there is no nanny here; leave it out"),
            Map.entry(
                    "--nanny",
                    "a JVM worker runs without a nanny; let what started it (systemd, Kubernetes, a batch system) "
                            + "start it again, and leave the option out"),
            Map.entry("--nanny-port", "there is no nanny here; leave it out"),
            Map.entry("--worker-class", "it names a Python class; leave it out"),
            Map.entry("--listen-address", "use --host and --worker-port"),
            Map.entry("--contact-address", "use --host with the address that others reach this worker at"),
            Map.entry("--lifetime", LIFETIME),
            Map.entry("--lifetime-stagger", LIFETIME),
            Map.entry("--lifetime-restart", LIFETIME),
            Map.entry("--no-lifetime-restart", LIFETIME),
            Map.entry("--scheduler-sni", "certificates are checked, but not the names in them; leave it out"),
            Map.entry("--dashboard-prefix", PREFIX));

    private RefusedOptions() {}
}
