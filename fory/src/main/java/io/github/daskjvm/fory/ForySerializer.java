package io.github.daskjvm.fory;

import io.github.daskjvm.worker.task.RejectedClassException;
import io.github.daskjvm.worker.task.ValueClasses;
import io.github.daskjvm.worker.task.ValueSerializer;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.apache.fory.Fory;
import org.apache.fory.config.Language;
import org.apache.fory.logging.LogLevel;
import org.apache.fory.logging.LoggerFactory;
import org.jspecify.annotations.Nullable;

/// Values by Apache Fory, which generates code for each class: many times as fast as Java serialization for
/// lists of the user's own objects. Objects keep their identity, and custom forms of Java serialization are
/// honoured. Classes are found and filtered as everywhere. A class whose fields differ between writer and reader
/// is noticed and refused.
public final class ForySerializer implements ValueSerializer {
    private static final int KEPT_MAX = 16;

    /// Instances for one generation of classes; each is used by one thread at a time.
    private static final class Instances {
        final int replacements;
        final ConcurrentLinkedDeque<Fory> free = new ConcurrentLinkedDeque<>();

        Instances(int replacements) {
            this.replacements = replacements;
        }
    }

    private final Map<ClassLoader, Instances> byLoader = Collections.synchronizedMap(new WeakHashMap<>());

    /// For `ServiceLoader`.
    public ForySerializer() {
        // It warns that any class could be read, which the filter sees to.
        LoggerFactory.useSlf4jLogging(true);
        LoggerFactory.setLogLevel(LogLevel.ERROR_LEVEL);
    }

    @Override
    public String name() {
        return "fory";
    }

    @Override
    public int form() {
        return 14;
    }

    @Override
    public @Nullable List<byte[]> write(@Nullable Object value, ValueClasses classes) {
        Instances instances = instances(classes);
        Fory fory = take(instances, classes);
        try {
            byte[] bytes = fory.serialize(value);
            giveBack(instances, fory);
            return List.of(bytes);
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            // A class that it can not write. Java serialization may, or says what is wrong. This instance is
            // dropped.
            return null;
        }
    }

    @Override
    public @Nullable Object read(List<byte[]> frames, ValueClasses classes) throws IOException {
        if (frames.size() != 1) {
            throw new IOException("a value of Fory's is one frame, not " + frames.size());
        }
        Instances instances = instances(classes);
        Fory fory = take(instances, classes);
        try {
            Object value = fory.deserialize(frames.getFirst());
            giveBack(instances, fory);
            return value;
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof Refused refused) {
                    throw refused.why;
                }
            }
            throw new IOException("the value's bytes cannot be read by Fory: " + e, e);
        }
    }

    private Instances instances(ValueClasses classes) {
        synchronized (byLoader) {
            Instances known = byLoader.get(classes.loader());
            if (known == null || known.replacements != classes.replacements()) {
                known = new Instances(classes.replacements());
                byLoader.put(classes.loader(), known);
            }
            return known;
        }
    }

    private static void giveBack(Instances instances, Fory fory) {
        if (instances.free.size() < KEPT_MAX) {
            instances.free.addFirst(fory);
        }
    }

    private static Fory take(Instances instances, ValueClasses classes) {
        Fory free = instances.free.pollFirst();
        if (free != null) {
            return free;
        }
        Fory fory = Fory.builder()
                .withLanguage(Language.JAVA)
                .withRefTracking(true)
                .requireClassRegistration(false)
                .suppressClassRegistrationWarnings(true)
                .withClassVersionCheck(true)
                .withAsyncCompilation(false)
                .withClassLoader(new ForgottenLoader(classes.loader()))
                .build();
        fory.getClassResolver().setTypeChecker((resolver, className) -> {
            check(className, classes);
            return true;
        });
        return fory;
    }

    private static void check(String className, ValueClasses classes) {
        try {
            classes.find(className);
        } catch (IOException e) {
            throw new Refused(e);
        }
    }

    /// The JVM remembers what a loader found: this one goes with its generation.
    private static final class ForgottenLoader extends ClassLoader {
        ForgottenLoader(ClassLoader parent) {
            super(parent);
        }
    }

    /// Carries a missing or refused class through the library.
    private static final class Refused extends RuntimeException {
        private final IOException why;

        Refused(IOException why) {
            super(why instanceof RejectedClassException ? "refused" : "missing", why);
            this.why = why;
        }
    }
}
