package io.github.daskjvm.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "demo", mixinStandardHelpOptions = true, versionProvider = Version.class)
final class DemoCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new CommandFailedException("demo is not wired yet");
    }
}
