package io.github.daskjvm.worker.python;

import io.github.daskjvm.worker.task.ClassPathServices;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The further kinds of values that the class path has.
final class PythonKinds {
    private static final List<PythonKind> INSTALLED = ClassPathServices.find(PythonKind.class, "a kind of values");

    private PythonKinds() {}

    /// @param type of Python
    static @Nullable PythonKind reading(String type) {
        for (PythonKind kind : INSTALLED) {
            if (kind.types().contains(type)) {
                return kind;
            }
        }
        return null;
    }

    /// @return null if the value is of none of them
    static @Nullable DaskForm written(Object value) throws ConversionException {
        for (PythonKind kind : INSTALLED) {
            DaskForm form = kind.write(value);
            if (form != null) {
                return form;
            }
        }
        return null;
    }
}
