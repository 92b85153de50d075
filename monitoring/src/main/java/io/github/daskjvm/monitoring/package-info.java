/// What a running scheduler or worker shows of itself over HTTP: Prometheus metrics, JSON, plain pages. Everything
/// is rendered from immutable snapshots, so a scrape neither waits for an event loop nor makes it wait.
@NullMarked
package io.github.daskjvm.monitoring;

import org.jspecify.annotations.NullMarked;
