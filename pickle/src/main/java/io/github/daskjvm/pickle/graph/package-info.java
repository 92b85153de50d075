/// Cuts a pickled graph of Python's Dask into its tasks without running Python: every task's key, what it needs, and a
/// pickle of its own, from which Python loads what Dask itself would make of it. Exactly, or not at all: what is not
/// understood is refused with a reason, for somebody with a Python to do. Depends on the package above and nothing
/// else.
///
/// ```java
/// CutGraph graph = GraphCutter.cut(pickle, List.of(), Set.of("total-1"));
/// for (CutTask task : graph.tasks()) {
///     System.out.println(task.key() + " needs " + task.dependencies() + ": " + task.pickle().length + " bytes");
/// }
/// ```
///
/// Read are the graphs of Dask 2024.12 as `distributed.Client` sends them; source: `dask/_task_spec.py`,
/// `dask/highlevelgraph.py`, `distributed/client.py`, `distributed/scheduler.py` (`_materialize_graph`).
@NullMarked
package io.github.daskjvm.pickle.graph;

import org.jspecify.annotations.NullMarked;
