package io.github.daskjvm.cli;

import io.github.daskjvm.cli.options.OptionSet;

/// Which options each command has. Names and meanings are those of `dask scheduler` and `dask worker`
/// (`distributed/cli/dask_scheduler.py` and `dask_worker.py`, 2024.12.1).
final class CommandOptions {
    static final OptionSet MAIN = new OptionSet(
            "dask-jvm",
            "Dask.distributed on the JVM. Give a command, and --help after it for its options:",
            "",
            "  scheduler   a scheduler, for stock Python clients and workers and for JVM ones",
            "  worker      a worker that runs Java tasks",
            "  monitor     metrics and the live page in front of a scheduler that runs already, Dask's own too",
            "  demo        a whole cluster in this process, which counts the words of text files",
            "  monitoring  writes what Prometheus and Grafana need to watch clusters: monitoring export",
            "  lab         benchmarks and the simulator");

    static final OptionSet SCHEDULER = tls(new OptionSet(
                            "dask-jvm scheduler",
                            "Starts a Dask scheduler. Stock Python clients and workers connect to it, and JVM ones.",
                            "Dask's configuration is read where Dask reads it: DASK_... variables and YAML files.")
                    .value("--host", "HOST", "Name, address or URI to listen on; default: every interface.")
                    .value("--port", "PORT", "Port to listen on, 0 for any free one; default: 8786.")
                    .value("--interface", "NAME", "Network interface to listen on, such as eth0.")
                    .value("--protocol", "PROTOCOL", "tcp or tls; default: tls where a --tls option is given."))
            .value(
                    "--dashboard-address",
                    "ADDRESS",
                    "Where to serve metrics and pages: :8787 (the default), host:port," + " or :0 for any free port.")
            .flag("--dashboard", "")
            .flag("--no-dashboard", "Serve no metrics and pages.")
            .value("--scheduler-file", "FILE", "File to write the address to, for workers and clients that read it.")
            .value("--pid-file", "FILE", "File to write the process id to.")
            .value("--idle-timeout", "DURATION", "End after so long without work, such as 1h; default: never.")
            .flag("--no-jupyter", "")
            .flag("--no-show", "")
            .refused(RefusedOptions.SCHEDULER);

    static final OptionSet WORKER = tls(new OptionSet(
                            "dask-jvm worker",
                            "Starts a JVM worker, which runs Java tasks. Task functions come from the class path:",
                            "CLASSPATH=my-tasks.jar dask-jvm worker ADDRESS")
                    .operand("ADDRESS", "The scheduler's address, such as tcp://127.0.0.1:8786.")
                    .value("--nthreads", "N", "Threads of each worker; default: the number of cores.")
                    .value(
                            "--nworkers",
                            "N",
                            "Workers, each a process of its own, or with --no-nanny all in this one; negative"
                                    + " counts back from the number of cores; auto picks workers and threads by"
                                    + " that number; default: 1.")
                    .value(
                            "--memory-limit",
                            "MEMORY",
                            "Memory that each worker may fill before results go to disk: auto (the default,"
                                    + " its share of the heap), 4GiB, a fraction of the heap, or 0 for no limit.")
                    .value("--name", "NAME", "Name; with --nworkers, -0, -1, … is appended; default: the address.")
                    .value("--resources", "LIST", "Resources of each worker, such as 'GPU=2 MEM=10e9'.")
                    .value(
                            "--local-directory",
                            "FOLDER",
                            "Folder for the workers' files, such as results that memory has no room for.")
                    .value(
                            "--serializer",
                            "NAME",
                            "What Java objects are written by: java, or one on the class path, such as fory; default:"
                                    + " the latter if there is one.")
                    .value(
                            "--serial-filter",
                            "PATTERN",
                            "Java classes that may be made of what others send, besides the usual, as"
                                    + " com.acme.**;!com.acme.Old; with ;!* at the end no others.")
                    .flag(
                            "--virtual-threads",
                            "Run tasks on virtual threads: for tasks that wait, of which --nthreads may then be"
                                    + " thousands.")
                    .value("--death-timeout", "DURATION", "End when no scheduler is found for so long; default: never.")
                    .value("--host", "HOST", "Address to listen on, one that the others reach.")
                    .value("--interface", "NAME", "Network interface to listen on, such as eth0.")
                    .value("--worker-port", "PORTS", "Port to listen on, 3000, or a range, 3000:3026; default: any.")
                    .value("--protocol", "PROTOCOL", "tcp or tls; it must be the scheduler's, and is by default."))
            .value("--scheduler-file", "FILE", "File to read the scheduler's address from.")
            .value("--dashboard-address", "ADDRESS", "Where to serve metrics; default: :0, any free port.")
            .flag("--dashboard", "")
            .flag("--no-dashboard", "Serve no metrics.")
            .value("--pid-file", "FILE", "File to write the process id to.")
            .flag("--nanny", "")
            .flag("--no-nanny", "Run in this process, which nobody starts again when it dies.")
            .value("--nanny-port", "PORTS", "Port for nannies to listen on, 3000, or a range, 3000:3026; default: any.")
            .value("--lifetime", "DURATION", "End gracefully after so long, such as 1h; default: never.")
            .value("--lifetime-stagger", "DURATION", "By how much, at random, that is earlier or later.")
            .flag("--lifetime-restart", "Have the nanny start the worker again after its lifetime.")
            .flag("--no-lifetime-restart", "")
            .refused(RefusedOptions.WORKER);

    static final OptionSet MONITOR = tls(new OptionSet(
                            "dask-jvm monitor",
                            "Serves metrics and the live page of a running cluster, of Dask's own scheduler or ours, with",
                            "nothing installed there: /status, /metrics, /metrics/workers, /prometheus/sd and more.")
                    .operand("ADDRESS", "The scheduler's address, such as tcp://127.0.0.1:8786.")
                    .value("--dashboard-address", "ADDRESS", "Where to serve them; default: :8789.")
                    .value("--interval", "DURATION", "How often to ask the scheduler while nobody looks; default: 5s."))
            .value("--scheduler-file", "FILE", "File to read the scheduler's address from.")
            .value("--pid-file", "FILE", "File to write the process id to.");

    static final OptionSet DEMO = new OptionSet(
                    "dask-jvm demo",
                    "Starts a cluster in one process, and counts the words of every text file under a folder with it.",
                    "Scheduler and workers talk over TCP; stock Python clients can connect too.")
            .value("--input", "DIR", "Folder of text to count; default: one that most Linux machines have.")
            .value("--port", "PORT", "The scheduler's port, 0 for any free one; default: 8786.")
            .value(
                    "--dashboard-address",
                    "ADDRESS",
                    "Where the scheduler serves metrics and pages; default:" + " 127.0.0.1:8787.")
            .value("--nworkers", "N", "Workers to start; default: 2.")
            .value("--nthreads", "N", "Threads of each worker; default: an even share of the cores.")
            .value("--words", "N", "How many of the most frequent words to print; default: 10.")
            .flag("--keep", "Leave the cluster up until Ctrl-C.");

    static final OptionSet MONITORING_EXPORT = tls(new OptionSet(
                    "dask-jvm monitoring export",
                    "Writes a Prometheus configuration with rules and alerts, their runbook, a Grafana dashboard,",
                    "and resources for the Prometheus operator. README.txt in the folder says where each goes.")
            .operand("DIR", "Folder to write to; made if it is missing.")
            .values(
                    "--scheduler",
                    "ADDRESS",
                    "Address of a scheduler's pages, such as http://10.0.0.5:8787; or tcp://host:port or"
                            + " tls://host:port, and the scheduler is asked for its pages. Several: give it"
                            + " again. Default: 127.0.0.1:8787.")
            .values(
                    "--cluster",
                    "NAME",
                    "Name of the cluster, the label that tells clusters apart; with several schedulers one for"
                            + " each, in the same order. Default: host:port of the pages.")
            .flag(
                    "--via-scheduler",
                    "Read the workers' metrics through the scheduler, for workers that Prometheus can not"
                            + " reach, or that serve none.")
            .value(
                    "--runbook-url",
                    "URL",
                    "Where the runbook is kept, for the links in alerts; default: docs/runbook.md.")
            .flag("--force", "Overwrite files that are different."));

    private CommandOptions() {}

    private static OptionSet tls(OptionSet options) {
        return options.value("--tls-ca-file", "FILE", "Certificates of the authority that peers' come from (PEM).")
                .value("--tls-cert", "FILE", "Own certificate (PEM); may hold the key too.")
                .value("--tls-key", "FILE", "Own private key (PEM).");
    }
}
