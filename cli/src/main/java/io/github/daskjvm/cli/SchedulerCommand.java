package io.github.daskjvm.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "scheduler", mixinStandardHelpOptions = true, versionProvider = Version.class)
final class SchedulerCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new CommandFailedException("scheduler is not wired yet");
    }
}
