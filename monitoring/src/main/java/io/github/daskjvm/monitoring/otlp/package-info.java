/// The metrics of `/metrics` sent by OTLP, for clusters that do not live long enough to be found and scraped.
@NullMarked
package io.github.daskjvm.monitoring.otlp;

import org.jspecify.annotations.NullMarked;
