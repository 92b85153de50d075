package io.github.daskjvm.worker.task;

import java.io.Closeable;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds the classes of functions and values: those of the loader it was made with, then those of jars that were
/// uploaded; and says by its [SerialFilter] which of them may be made of what comes from others. A jar of a name
/// that was there replaces it, by a new loader for all jars: objects of their classes that are there already
/// stay of the old classes. Any thread may call.
public final class TaskLoader extends ClassLoader implements Closeable {
    static {
        registerAsParallelCapable();
    }

    private static final Logger log = LoggerFactory.getLogger(TaskLoader.class);

    private final SerialFilter filter;
    private final @Nullable ValueSerializer serializer;
    private final ClassLoader own;
    private final Object lock = new Object();
    private final Map<String, Jar> jars = new LinkedHashMap<>();
    private final List<Jars> generations = new ArrayList<>();
    private @Nullable Path folder;
    private int written;
    private boolean closed;
    private volatile @Nullable Jars current;
    private volatile int replacements;

    private record Jar(String sha256, Path file) {}

    /// What all jars of the same time are loaded by.
    private static final class Jars extends URLClassLoader {
        static {
            registerAsParallelCapable();
        }

        Jars(URL[] urls, ClassLoader parent) {
            super("uploaded jars", urls, parent);
        }

        void add(Path file) throws IOException {
            addURL(file.toUri().toURL());
        }
    }

    /// @param own finds all classes but those of jars
    public TaskLoader(ClassLoader own, SerialFilter filter) {
        this(own, filter, null);
    }

    /// @param serializer writes values of its classes, for those who read it; null for Java's own
    public TaskLoader(ClassLoader own, SerialFilter filter, @Nullable ValueSerializer serializer) {
        super("tasks", own);
        this.own = own;
        this.filter = filter;
        this.serializer = serializer;
    }

    /// What values of the loader's classes are written by, besides the plain form; null for Java's own.
    static @Nullable ValueSerializer serializerOf(ClassLoader loader) {
        return loader instanceof TaskLoader tasks ? tasks.serializer : null;
    }

    /// The filter for what is read with this loader; the default for another kind of loader.
    public static SerialFilter filterOf(ClassLoader loader) {
        return loader instanceof TaskLoader tasks ? tasks.filter : SerialFilter.DEFAULT;
    }

    /// Changes whenever classes that were loaded are not those any more that a name means now.
    public int replacements() {
        return replacements;
    }

    /// Hashes of the jars, SHA-256 in hexadecimal, by name.
    public Map<String, String> jars() {
        synchronized (lock) {
            var hashes = new LinkedHashMap<String, String>();
            jars.forEach((name, jar) -> hashes.put(name, jar.sha256));
            return hashes;
        }
    }

    /// Adds a jar, or replaces that of the same name; one with the same bytes stays as it is.
    ///
    /// @return whether anything changed
    /// @throws IOException if it is no jar, has an unusable name, or can't be written to disk
    public boolean addJar(String name, byte[] bytes) throws IOException {
        JarFiles.check(name, bytes);
        String sha256 = JarFiles.sha256(bytes);
        synchronized (lock) {
            if (closed) {
                throw new IOException("the worker is closed");
            }
            Jar before = jars.get(name);
            if (before != null && before.sha256.equals(sha256)) {
                return false;
            }
            if (folder == null) {
                folder = Files.createTempDirectory("dask-jvm-jars-");
            }
            Path file = Files.write(folder.resolve(++written + "-" + name), bytes);
            jars.put(name, new Jar(sha256, file));
            Jars loader = current;
            if (loader != null && before == null) {
                loader.add(file);
                return true;
            }
            var urls = new ArrayList<URL>(jars.size());
            for (Jar jar : jars.values()) {
                urls.add(jar.file.toUri().toURL());
            }
            loader = new Jars(urls.toArray(URL[]::new), own);
            generations.add(loader);
            current = loader;
            replacements++;
            return true;
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        Jars loader = current;
        return (loader == null ? own : loader).loadClass(name);
    }

    @Override
    public @Nullable URL getResource(String name) {
        Jars loader = current;
        return (loader == null ? own : loader).getResource(name);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        Jars loader = current;
        return (loader == null ? own : loader).getResources(name);
    }

    /// The class as a stream names it, arrays included. The JVM would remember which class a name stood for, so
    /// it is not asked.
    ///
    /// @throws ClassNotFoundException naming it
    static Class<?> find(String name, ClassLoader loader) throws ClassNotFoundException {
        if (!(loader instanceof TaskLoader tasks) || tasks.current == null) {
            return Class.forName(name, false, loader instanceof TaskLoader tasks ? tasks.own : loader);
        }
        int dimensions = name.lastIndexOf('[') + 1;
        if (dimensions == 0) {
            return loader.loadClass(name);
        }
        if (name.charAt(dimensions) != 'L') {
            return Class.forName(name, false, loader);
        }
        Class<?> type = loader.loadClass(name.substring(dimensions + 1, name.length() - 1));
        for (int i = 0; i < dimensions; i++) {
            type = type.arrayType();
        }
        return type;
    }

    /// Deletes the jars; what was not loaded from them by then can't be any more.
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            try {
                for (Jars each : generations) {
                    each.close();
                }
                if (folder != null) {
                    delete(folder);
                }
            } catch (IOException e) {
                log.warn("could not delete {}: {}", folder, e.getMessage());
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> files;
        try (var listed = Files.list(folder)) {
            files = listed.toList();
        }
        for (Path each : files) {
            Files.deleteIfExists(each);
        }
        Files.deleteIfExists(folder);
    }
}
