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

    static final Map<String, String> WORKER = Map.ofEntries(
            Map.entry("--preload", PYTHON + "or for a JVM worker on its CLASSPATH"),
            Map.entry("--preload-nanny", "it runs Python code in the nanny, which has no Python; leave it out"),
            Map.entry("--worker-class", "it names a Python class; leave it out"),
            Map.entry("--listen-address", "use --host and --worker-port"),
            Map.entry("--contact-address", "use --host with the address that others reach this worker at"),
            Map.entry("--scheduler-sni", "certificates are checked, but not the names in them; leave it out"),
            Map.entry("--dashboard-prefix", PREFIX));

    private RefusedOptions() {}
}
