package io.github.daskjvm.scheduler.graph;

import io.github.daskjvm.protocol.Pickle;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The Python source that does our work on workers, `node_pickler.py`, `threads.py`, `materialize.py`,
/// `shuffle_runs.py`, `worker_keys.py` and others, and the pickles that stand for its functions.
/// On a worker it is a module whose name has the hash of its source, so that two schedulers of different versions
/// never meet in one module.
final class PythonModule {
    private static final String SOURCE = source("node_pickler.py")
            + source("threads.py")
            + source("materialize.py")
            + source("shuffle_runs.py")
            + source("worker_keys.py")
            + source("run_function.py")
            + source("write_dump.py")
            + source("quiet.py");
    static final String NAME = "dask_jvm_graph_" + hash(SOURCE);

    /// Gives the module, compiled at its first use. It is complete before any other thread can find it.
    private static final String INSTALL = """
            lambda name, source: __import__('sys').modules.get(name) or (lambda module: (\
            exec(compile(source, '<' + name + '>', 'exec'), module.__dict__), \
            __import__('sys').modules.setdefault(name, module))[1])(__import__('types').ModuleType(name))""";

    private PythonModule() {}

    /// A function of a module that is there already; unpickling fails with `ModuleNotFoundError` where it is not.
    static byte[] function(String name) {
        return Pickle.of(Pickle.global(NAME, name));
    }

    /// A function of the module, which is installed if it is not there.
    static byte[] installingFunction(String name) {
        Object install = Pickle.call(Pickle.global("builtins", "eval"), INSTALL);
        return Pickle.of(Pickle.call(Pickle.global("builtins", "getattr"), Pickle.call(install, NAME, SOURCE), name));
    }

    private static String source(String file) {
        try (InputStream in = PythonModule.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("the resource " + file + " is missing from this program");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(String source) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(source.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
