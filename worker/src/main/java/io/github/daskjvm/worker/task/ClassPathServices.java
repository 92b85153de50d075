package io.github.daskjvm.worker.task;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What optional modules on the class path add. One whose library is missing is told of and left out.
public final class ClassPathServices {
    private static final Logger log = LoggerFactory.getLogger(ClassPathServices.class);

    private ClassPathServices() {}

    /// @param what they are, for the log, as in `a serializer`
    public static <S> List<S> find(Class<S> service, String what) {
        List<S> found = new ArrayList<>();
        var services = ServiceLoader.load(service, service.getClassLoader()).iterator();
        while (true) {
            try {
                if (!services.hasNext()) {
                    return found;
                }
                found.add(services.next());
            } catch (ServiceConfigurationError | LinkageError e) {
                log.warn("{} on the class path can not be used: {}", what, e.toString());
            }
        }
    }
}
