package io.github.daskjvm.worker.profile;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// How often which method was seen, called by which. The root stands for all stacks. Of one thread, or guarded by its
/// owner.
final class CallTree {
    /// As many as Dask looks at; what is deeper counts for the deepest.
    private static final int DEPTH_MAX = 100;
    /// What is below every task: the worker's own frames, and those by which it calls a function it knows by name.
    private static final Set<String> WORKER = Set.of(
            "java.lang.Thread",
            "java.lang.VirtualThread",
            "io.github.daskjvm.worker.TaskThreads",
            "io.github.daskjvm.worker.WorkerLoop",
            "io.github.daskjvm.worker.TaskRun",
            "io.github.daskjvm.worker.task.TaskCall",
            "io.github.daskjvm.worker.task.NamedCall",
            "io.github.daskjvm.worker.task.NamedFunction",
            "java.lang.reflect.Constructor",
            "java.lang.reflect.Method",
            "jdk.internal.reflect.DirectConstructorHandleAccessor",
            "jdk.internal.reflect.DirectMethodHandleAccessor");

    private final Method method;
    /// Where the method was when it was first seen, as in Dask.
    private final int line;

    private long count;
    private final Map<Method, CallTree> children = new HashMap<>(4);

    private record Method(String className, String name, String file) {
        static final Method ROOT = new Method("", "", "");

        static Method of(StackTraceElement frame) {
            String file = frame.getFileName();
            return new Method(frame.getClassName(), frame.getMethodName(), file == null ? "" : file);
        }

        String identifier() {
            return this.equals(ROOT) ? "root" : className + "." + name + ";" + file;
        }

        /// `Words.count` of `com.example.Words`.
        String shortName() {
            return className.substring(className.lastIndexOf('.') + 1) + "." + name;
        }

        /// The file's path below a source folder.
        String path() {
            int end = className.lastIndexOf('.');
            return end < 0 || file.isEmpty()
                    ? file
                    : className.substring(0, end + 1).replace('.', '/') + file;
        }
    }

    CallTree() {
        this(Method.ROOT, 0);
    }

    private CallTree(Method method, int line) {
        this.method = method;
        this.line = line;
    }

    long count() {
        return count;
    }

    /// Adds one look at a task.
    ///
    /// @param stack innermost frame first; the worker's own frames below the task are left out, and a look at these
    /// alone counts for the root
    /// @return how many methods were new here
    int add(StackTraceElement[] stack) {
        int outermost = stack.length - 1;
        while (outermost >= 0 && isWorkers(stack[outermost].getClassName())) {
            outermost--;
        }
        int before = 0;
        CallTree node = this;
        node.count++;
        for (int i = outermost; i >= 0 && outermost - i < DEPTH_MAX; i--) {
            Method called = Method.of(stack[i]);
            CallTree child = node.children.get(called);
            if (child == null) {
                child = new CallTree(called, stack[i].getLineNumber());
                node.children.put(called, child);
                before++;
            }
            child.count++;
            node = child;
        }
        return before;
    }

    private static boolean isWorkers(String className) {
        int nested = className.indexOf('$');
        return WORKER.contains(nested < 0 ? className : className.substring(0, nested));
    }

    /// Adds all that another saw.
    void add(CallTree other) {
        count += other.count;
        other.children.forEach((called, theirs) -> children.computeIfAbsent(called, c -> new CallTree(c, theirs.line))
                .add(theirs));
    }

    /// Dask's form: `count`, `identifier`, `description` (`filename`, `name`, `line_number`, `line`), and `children`
    /// by identifier.
    Map<String, Object> toMap() {
        var byIdentifier = LinkedHashMap.<String, Object>newLinkedHashMap(children.size());
        children.forEach((called, child) -> byIdentifier.put(called.identifier(), child.toMap()));
        boolean isRoot = method.equals(Method.ROOT);
        Map<String, Object> description = new LinkedHashMap<>();
        description.put("filename", method.path());
        description.put("name", isRoot ? "" : method.shortName());
        description.put("line_number", Math.max(0, line));
        // The source is not here; this is how Java writes a line of a stack.
        description.put("line", isRoot ? "" : "at " + method.className + "." + method.name);
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("count", count);
        map.put("children", byIdentifier);
        map.put("identifier", method.identifier());
        map.put("description", description);
        return map;
    }
}
