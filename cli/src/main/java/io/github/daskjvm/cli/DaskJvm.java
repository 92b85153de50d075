package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.ConfigException;
import io.github.daskjvm.cli.options.BadOptionException;
import io.github.daskjvm.cli.options.OptionSet;
import io.github.daskjvm.cli.options.Parsed;
import io.github.daskjvm.worker.nanny.NannyLink;
import java.io.PrintStream;
import java.util.List;

/// The command line: `dask-jvm scheduler`, `dask-jvm worker ADDRESS`, `dask-jvm monitor ADDRESS`, `dask-jvm demo`,
/// `dask-jvm monitoring export DIR`.
///
/// Exit status: 0 when the command ended as asked, 1 when it could not do its work (one line on stderr says why),
/// 2 when its options make no sense.
public final class DaskJvm {
    private DaskJvm() {}

    /// Runs the command and ends the process with its exit status.
    public static void main(String[] args) throws InterruptedException {
        System.exit(execute(System.out, System.err, args));
    }

    /// Runs the command in this process; returns its exit status when it has ended.
    static int execute(PrintStream out, PrintStream err, String... args) throws InterruptedException {
        String name = args.length == 0 ? "" : args[0];
        List<String> rest = args.length == 0 ? List.of() : List.of(args).subList(1, args.length);
        return switch (name) {
            case "scheduler" ->
                run(
                        CommandOptions.SCHEDULER,
                        rest,
                        out,
                        err,
                        parsed -> SchedulerProcess.run(new SchedulerCommand(parsed)));
            case "worker" ->
                run(CommandOptions.WORKER, rest, out, err, parsed -> worker(new WorkerCommand(parsed), rest));
            case "monitor" -> run(CommandOptions.MONITOR, rest, out, err, MonitorProcess::run);
            case "demo" -> run(CommandOptions.DEMO, rest, out, err, parsed -> DemoCommand.run(parsed, out));
            case "monitoring" -> monitoring(rest, out, err);
            case "" ->
                refuse(CommandOptions.MAIN, "name a command: scheduler, worker, monitor, demo, monitoring or lab", err);
            default ->
                name.startsWith("-")
                        ? run(CommandOptions.MAIN, List.of(args), out, err, parsed -> 0)
                        : refuse(CommandOptions.MAIN, "there is no command '" + name + "'", err);
        };
    }

    private static int worker(WorkerCommand command, List<String> args) throws InterruptedException {
        return command.nanny() ? NannyProcess.run(command, args) : WorkerProcess.run(command, null);
    }

    /// The process that a nanny started, with the arguments of its own.
    static int executeChild(PrintStream err, NannyLink link, List<String> args) throws InterruptedException {
        return run(CommandOptions.WORKER, args, err, err, parsed -> WorkerProcess.run(new WorkerCommand(parsed), link));
    }

    private static int monitoring(List<String> args, PrintStream out, PrintStream err) throws InterruptedException {
        if (args.isEmpty() || !args.getFirst().equals("export")) {
            return args.contains("--help") || args.contains("-h")
                    ? run(CommandOptions.MONITORING_EXPORT, args, out, err, parsed -> 0)
                    : refuse(CommandOptions.MONITORING_EXPORT, "say what to do about monitoring: export", err);
        }
        return run(
                CommandOptions.MONITORING_EXPORT,
                args.subList(1, args.size()),
                out,
                err,
                parsed -> MonitoringExportCommand.run(parsed, out));
    }

    /// One command, its options taken apart.
    interface Command {
        int run(Parsed parsed) throws InterruptedException;
    }

    private static int run(OptionSet options, List<String> args, PrintStream out, PrintStream err, Command command)
            throws InterruptedException {
        if (args.contains("--help") || args.contains("-h")) {
            out.print(options.help());
            return 0;
        }
        if (args.contains("--version") || args.contains("-V")) {
            out.println(Version.line());
            return 0;
        }
        try {
            return command.run(options.parse(args));
        } catch (BadOptionException e) {
            return refuse(options, String.valueOf(e.getMessage()), err);
        } catch (CommandFailedException | ConfigException e) {
            err.println(options.command() + ": " + e.getMessage());
            return 1;
        }
    }

    private static int refuse(OptionSet options, String reason, PrintStream err) {
        err.println(options.command() + ": " + reason);
        err.println("Try: " + options.command() + " --help");
        return 2;
    }
}
