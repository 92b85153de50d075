package io.github.daskjvm.cli;

import io.github.daskjvm.cli.config.DaskConfig;
import io.github.daskjvm.cli.options.BadOptionException;
import io.github.daskjvm.cli.options.Parsed;
import io.github.daskjvm.monitoring.export.ExportFolder;
import io.github.daskjvm.monitoring.export.MonitoringFiles;
import io.github.daskjvm.monitoring.export.ScrapedCluster;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/// `dask-jvm monitoring export DIR`: writes what Prometheus and Grafana need to watch clusters.
final class MonitoringExportCommand {
    private static final String DEFAULT_PAGES = "127.0.0.1:8787";

    private MonitoringExportCommand() {}

    static int run(Parsed options, PrintStream out) {
        String given = options.operand();
        if (given == null) {
            throw new BadOptionException("name the folder to write to");
        }
        DaskConfig config = DaskConfig.load();
        var files = new MonitoringFiles(
                clusters(options, config),
                Dashboard.namespace(config),
                options.has("--via-scheduler"),
                options.text("--runbook-url", MonitoringFiles.RUNBOOK));
        Path folder = Path.of(given);
        try {
            List<String> written = new ExportFolder(folder).write(files.all(), options.has("--force"));
            for (String path : written) {
                out.println(folder.resolve(path));
            }
            out.println(
                    written.isEmpty()
                            ? "All files are there already, unchanged."
                            : "Where each goes is in " + folder.resolve("README.txt"));
            return 0;
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailedException(
                    "nothing is written, as these files in " + folder + " are different: " + e.getMessage()
                            + "; choose another folder, or overwrite them with --force",
                    e);
        } catch (IOException e) {
            throw new CommandFailedException("can not write to " + folder + ": " + e.getMessage(), e);
        }
    }

    private static List<ScrapedCluster> clusters(Parsed options, DaskConfig config) {
        List<String> schedulers = options.texts("--scheduler");
        schedulers = schedulers.isEmpty() ? List.of(DEFAULT_PAGES) : schedulers;
        List<String> names = options.texts("--cluster");
        if (!names.isEmpty() && names.size() != schedulers.size()) {
            throw new BadOptionException("there are " + schedulers.size() + " schedulers and " + names.size()
                    + (names.size() == 1 ? " cluster" : " clusters") + "; give --cluster for each, or for none");
        }
        var clusters = new ArrayList<ScrapedCluster>();
        var taken = new HashSet<String>();
        for (int i = 0; i < schedulers.size(); i++) {
            SchedulerPages pages = SchedulerPages.find(schedulers.get(i), config, TlsOptions.of(options));
            String name = names.isEmpty() ? pages.authority().replaceAll("[\\[\\]]", "") : names.get(i);
            if (!taken.add(name)) {
                throw new BadOptionException("'" + name + "' is named twice; each cluster needs a name of its own");
            }
            try {
                clusters.add(new ScrapedCluster(name, pages.https(), pages.authority()));
            } catch (IllegalArgumentException e) {
                throw new BadOptionException(String.valueOf(e.getMessage()));
            }
        }
        return clusters;
    }
}
