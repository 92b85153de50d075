/// Dask's configuration, read where Dask reads it: defaults, YAML files, environment variables.
@NullMarked
package io.github.daskjvm.cli.config;

import org.jspecify.annotations.NullMarked;
