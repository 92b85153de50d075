/// What Prometheus and Grafana need to watch clusters: scrape configuration, rules, alerts with their runbook, and a
/// dashboard. The files themselves are resources of this package, each readable by itself.
@NullMarked
package io.github.daskjvm.monitoring.export;

import org.jspecify.annotations.NullMarked;
