package io.github.daskjvm.cli;

import picocli.CommandLine.IVersionProvider;

/// What `--version` prints: ours, and that of the Java it runs on.
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"dask-jvm " + version() + " (Java " + Runtime.version() + ")"};
    }

    /// From the jar's manifest; `development` where the classes come from a folder.
    static String version() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
