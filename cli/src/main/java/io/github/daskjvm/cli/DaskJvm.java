package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.ConfigException;
import io.github.daskjvm.cli.options.BadOptionException;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The command line: `dask-jvm scheduler`, `dask-jvm worker ADDRESS`, `dask-jvm demo`.
///
/// Exit status: 0 when the command ended as asked, 1 when it could not do its work (one line on stderr says why),
/// 2 when its options make no sense.
@Command(
        name = "dask-jvm",
        description = "Dask.distributed on the JVM.",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {SchedulerCommand.class, WorkerCommand.class, DemoCommand.class},
        footer = {"", "lab, the benchmarks and the simulator, is a command too: dask-jvm lab --help"})
public final class DaskJvm implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before run()
    private CommandSpec spec;

    /// Runs the command and ends the process with its exit status.
    public static void main(String[] args) {
        System.exit(execute(args));
    }

    /// Runs the command in this process; returns its exit status when it has ended.
    static int execute(String... args) {
        return commandLine().execute(args);
    }

    /// What knows every command and option.
    static CommandLine commandLine() {
        var commandLine = new CommandLine(new DaskJvm());
        RefusedOptions.addTo(subcommand(commandLine, "scheduler"), RefusedOptions.SCHEDULER);
        RefusedOptions.addTo(subcommand(commandLine, "worker"), RefusedOptions.WORKER);
        return commandLine
                .setExecutionExceptionHandler(DaskJvm::onFailure)
                .setParameterExceptionHandler(DaskJvm::onBadOptions);
    }

    private static CommandSpec subcommand(CommandLine commandLine, String name) {
        return Objects.requireNonNull(commandLine.getSubcommands().get(name)).getCommandSpec();
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command: scheduler, worker, demo or lab");
    }

    /// What the person can mend is one line; anything else is our fault, and shows its stack trace.
    private static int onFailure(Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
        String name = command.getCommandSpec().qualifiedName(" ");
        if (failure instanceof CommandFailedException || failure instanceof ConfigException) {
            command.getErr().println(name + ": " + failure.getMessage());
        } else if (failure instanceof BadOptionException) {
            command.getErr().println(name + ": " + failure.getMessage());
            command.getErr().println("Try: " + name + " --help");
            return 2;
        } else {
            failure.printStackTrace(command.getErr());
        }
        return 1;
    }

    private static int onBadOptions(ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        String name = command.getCommandSpec().qualifiedName(" ");
        command.getErr().println(name + ": " + failure.getMessage());
        command.getErr().println("Try: " + name + " --help");
        return 2;
    }
}
