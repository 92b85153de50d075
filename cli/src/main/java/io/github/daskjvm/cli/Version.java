package io.github.daskjvm.cli;

/// What `--version` prints.
final class Version {
    private Version() {}

    /// Ours, from the jar's manifest, and that of the Java it runs on.
    static String line() {
        String version = Version.class.getPackage().getImplementationVersion();
        return "dask-jvm " + (version == null ? "development" : version) + " (Java " + Runtime.version() + ")";
    }
}
