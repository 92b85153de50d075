package io.github.daskjvm.worker.task;

import java.io.ObjectInputFilter;
import java.io.ObjectInputFilter.Status;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/// Which classes may be made of what peers and clients send. A Java stream names its classes, and making an
/// object of some of them runs code that the sender chose.
///
/// | class | by default |
/// |---|---|
/// | the JDK's values, collections, exceptions, enums | allowed |
/// | anything else of the JDK | refused |
/// | of libraries known from attacks, see [SerialFamilies] | refused |
/// | proxies of the JDK's interfaces | refused |
/// | any other class, the user's own above all | allowed |
///
/// A pattern in the form of the JDK's `jdk.serialFilter` is asked first: `com.acme.**` allows a package and
/// those in it, `com.acme.Point` a class, `!com.acme.Old` refuses one; the first that fits decides. With `!*` at
/// its end, only the first row and the pattern's own classes are allowed. The JVM-wide `jdk.serialFilter`
/// applies besides.
///
/// Immutable.
public final class SerialFilter {
    /// Without a pattern.
    public static final SerialFilter DEFAULT = of("");

    private final String pattern;
    private final @Nullable ObjectInputFilter given;
    private final boolean onlyListed;
    private final ClassValue<String> refusals = new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> type) {
            return refusal(type);
        }
    };

    private SerialFilter(String pattern, @Nullable ObjectInputFilter given, boolean onlyListed) {
        this.pattern = pattern;
        this.given = given;
        this.onlyListed = onlyListed;
    }

    /// @param pattern as above; empty for none
    /// @throws IllegalArgumentException saying what is wrong with the pattern
    public static SerialFilter of(String pattern) {
        String text = pattern.strip();
        boolean onlyListed = text.equals("!*") || text.endsWith(";!*");
        String classes = onlyListed ? text.substring(0, text.length() - 2) : text;
        try {
            return new SerialFilter(text, ObjectInputFilter.Config.createFilter(classes), onlyListed);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the serial filter \"" + text + "\" can not be read: " + e.getMessage()
                            + "; it is written as com.acme.**;!com.acme.Old;!*",
                    e);
        }
    }

    /// As it was given.
    public String pattern() {
        return pattern;
    }

    /// For [ObjectInputFilter]: of a class, or of a limit in the pattern.
    Status check(ObjectInputFilter.FilterInfo info) {
        Status status = given == null ? Status.UNDECIDED : given.checkInput(info);
        Class<?> type = info.serialClass();
        if (status != Status.UNDECIDED || type == null) {
            return status;
        }
        return refusals.get(type).isEmpty() ? Status.ALLOWED : Status.REJECTED;
    }

    /// Why a class that [#check] refused was refused.
    String reason(Class<?> type) {
        String reason = refusals.get(type);
        return reason.isEmpty() ? "the serial filter \"" + pattern + "\" says so" : reason;
    }

    /// Whether an object of the class may be made, for serializers that have no [ObjectInputFilter].
    ///
    /// @throws RejectedClassException if not
    public void require(Class<?> type) throws RejectedClassException {
        if (check(new OfClass(type)) == Status.REJECTED) {
            throw new RejectedClassException(type.getName(), reason(type), new SecurityException("refused"));
        }
    }

    private record OfClass(Class<?> serialClass) implements ObjectInputFilter.FilterInfo {
        @Override
        public long arrayLength() {
            return -1;
        }

        @Override
        public long depth() {
            return 1;
        }

        @Override
        public long references() {
            return 1;
        }

        @Override
        public long streamBytes() {
            return 1;
        }
    }

    /// Empty if the class is allowed.
    private String refusal(Class<?> type) {
        Class<?> element = type;
        while (element.isArray()) {
            element = element.componentType();
        }
        if (Proxy.isProxyClass(element)) {
            for (Class<?> each : element.getInterfaces()) {
                if (SerialFamilies.isOfJdk(each)) {
                    return "it is a proxy of " + each.getName() + ", behind which any method may be called";
                }
            }
            return onlyListed ? notListed() : "";
        }
        if (SerialFamilies.isOfJdk(element)) {
            return SerialFamilies.isValueOfJdk(element) ? "" : "it is of the JDK and no value";
        }
        String family = SerialFamilies.known(element.getName());
        if (family != null) {
            return "the classes " + family + "* are known from attacks";
        }
        return onlyListed && !element.getName().startsWith("io.github.daskjvm.") ? notListed() : "";
    }

    private String notListed() {
        return "the serial filter \"" + pattern + "\" does not list it";
    }
}
