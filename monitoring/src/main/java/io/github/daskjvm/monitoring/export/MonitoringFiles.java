package io.github.daskjvm.monitoring.export;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The files for given clusters. They are this package's resources, with the few places filled in that stand in them
/// as `@NAME@`, with another namespace where metrics have one, and with the runbook where it is kept.
public final class MonitoringFiles {
    public static final String RUNBOOK = "docs/runbook.md";

    static final List<String> RULES = List.of("rules/dask-records.yml", "rules/dask-alerts.yml");
    static final String DASHBOARD = "grafana/dashboards/dask.json";

    private static final Pattern PLACE = Pattern.compile("@([A-Z_]+)@");
    private static final Pattern METRIC = Pattern.compile("\\bdask_(?=(scheduler|worker|stealing|semaphore)_)");

    private final List<ScrapedCluster> clusters;
    private final String namespace;
    private final boolean viaScheduler;
    private final String runbook;

    /// @param clusters at least one
    /// @param namespace of the metrics, `dask` unless `distributed.dashboard.prometheus.namespace` says otherwise
    /// @param viaScheduler whether workers' metrics are read through the scheduler
    /// @param runbook what alerts' links begin with
    public MonitoringFiles(List<ScrapedCluster> clusters, String namespace, boolean viaScheduler, String runbook) {
        if (clusters.isEmpty()) {
            throw new IllegalArgumentException("there is no cluster to scrape");
        }
        this.clusters = List.copyOf(clusters);
        this.namespace = namespace;
        this.viaScheduler = viaScheduler;
        this.runbook = runbook;
    }

    /// Texts by path, relative and with `/` between folders.
    public SequencedMap<String, String> all() {
        var files = new LinkedHashMap<String, String>();
        files.put("README.txt", fill("README.txt", Map.of("CLUSTERS", names())));
        files.put(
                "prometheus.yml",
                fill("prometheus.yml", Map.of("CLUSTERS", names(), "SCRAPE_CONFIGS", scrapeConfigs())));
        RULES.forEach(path -> files.put(path, rules(path)));
        files.put(RUNBOOK, metrics(resource(RUNBOOK)));
        files.put(DASHBOARD, metrics(resource(DASHBOARD)));
        for (String kind : List.of("dashboards", "datasources")) {
            String path = "grafana/provisioning/" + kind + "/dask.yml";
            files.put(path, resource(path));
        }
        Map<String, String> cluster = Map.of("CLUSTER", clusters.getFirst().name());
        for (String kind : List.of("servicemonitor", "podmonitor")) {
            String path = "kubernetes/" + kind + ".yaml";
            files.put(path, fill(path, cluster));
        }
        String ruleResource = "kubernetes/prometheusrule.yaml";
        files.put(ruleResource, fill(ruleResource, Map.of("RULE_GROUPS", ruleGroups())));
        return files;
    }

    private String names() {
        return String.join(", ", clusters.stream().map(ScrapedCluster::name).toList());
    }

    private String scrapeConfigs() {
        var jobs = new StringBuilder();
        for (ScrapedCluster cluster : clusters) {
            jobs.append(fill(
                    "scrape-config.yml",
                    Map.of(
                            "CLUSTER", cluster.name(),
                            "JOB", cluster.name().replace(' ', '-'),
                            "SCHEME", cluster.scheme(),
                            "PAGES", cluster.pages(),
                            "VIA", viaScheduler ? "?via=scheduler" : "")));
        }
        return jobs.toString().stripTrailing();
    }

    private String rules(String path) {
        return metrics(resource(path)).replace("runbook_url: " + RUNBOOK, "runbook_url: " + runbook);
    }

    /// What stands below `groups:` in the files of rules, as far in as the operator's resource has it.
    private String ruleGroups() {
        var groups = new StringBuilder();
        for (String path : RULES) {
            String text = rules(path);
            groups.append(text.substring(text.indexOf("\ngroups:\n") + "\ngroups:\n".length())
                    .indent(2));
        }
        return groups.toString().stripTrailing();
    }

    private String metrics(String text) {
        return namespace.equals("dask") ? text : METRIC.matcher(text).replaceAll(namespace + "_");
    }

    private static String fill(String path, Map<String, String> values) {
        return PLACE.matcher(resource(path)).replaceAll(place -> {
            String value = values.get(place.group(1));
            if (value == null) {
                throw new IllegalStateException("nothing to put for " + place.group() + " in " + path);
            }
            return Matcher.quoteReplacement(value);
        });
    }

    static String resource(String path) {
        try (InputStream stream = MonitoringFiles.class.getResourceAsStream(path)) {
            if (stream == null) {
                throw new IllegalStateException("the resource " + path + " is missing");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
