/// In which order a graph's tasks had best be run, so that few results are held at a time: a plain function of the
/// graph, which needs nothing else of this project.
@NullMarked
package io.github.daskjvm.core.ordering;

import org.jspecify.annotations.NullMarked;
