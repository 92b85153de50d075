package io.github.daskjvm.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "worker", mixinStandardHelpOptions = true, versionProvider = Version.class)
final class WorkerCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new CommandFailedException("worker is not wired yet");
    }
}
