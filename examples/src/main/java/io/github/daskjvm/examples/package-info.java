/// Small programs for the client, each with a `main` that runs it on a cluster of its own.
@NullMarked
package io.github.daskjvm.examples;

import org.jspecify.annotations.NullMarked;
