/// What tells Prometheus which processes of a cluster there are.
@NullMarked
package io.github.daskjvm.monitoring.discovery;

import org.jspecify.annotations.NullMarked;
