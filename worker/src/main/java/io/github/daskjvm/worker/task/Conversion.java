package io.github.daskjvm.worker.task;

import io.github.daskjvm.worker.python.Complex;
import io.github.daskjvm.worker.python.NdArray;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Values that came from Python as arguments of a method's types, each at a cost, so that among several methods the
/// nearest is found. Nothing is lost: a number that the wanted type does not hold does not fit.
///
/// | value | fits |
/// |---|---|
/// | anything | its class and what that extends and implements, `Optional` |
/// | `Long`, `BigInteger` | every number that holds it, primitive or not, `BigInteger`, `BigDecimal` |
/// | `Double` | `double`, `Double`; `float`; `BigDecimal` |
/// | `String` of one character | `char`, `Character`; a name of an enum's constant fits the enum |
/// | `List`, `Set` | an array of what its items fit; any collection's interface |
/// | array | an array of a wider type, `List`, [NdArray] |
/// | [NdArray] | arrays of arrays; `byte[]` where its elements are bytes; `Complex[]` where they are complex |
/// | `byte[]` | `ByteBuffer` |
/// | `OffsetDateTime`, `ZonedDateTime` | `Instant` |
final class Conversion {
    private static final int OBJECT = 1000;

    private Conversion() {}

    /// Arguments as the types want them.
    @SuppressWarnings("ArrayRecordComponent")
    record Fit(@Nullable Object[] values, int cost) {}

    /// One value as its type wants it.
    private record One(@Nullable Object value, int cost) {}

    /// @param varArgs whether the last type is the array of any number of arguments
    /// @return null if they do not fit
    static @Nullable Fit fit(List<Class<?>> types, boolean varArgs, List<? extends @Nullable Object> arguments) {
        Fit plain = types.size() == arguments.size() ? each(types, arguments) : null;
        if (plain != null || !varArgs || arguments.size() < types.size() - 1) {
            return plain;
        }
        int fixed = types.size() - 1;
        List<@Nullable Object> packed = new ArrayList<>(arguments.subList(0, fixed));
        packed.add(arguments.subList(fixed, arguments.size()));
        Fit fit = each(types, packed);
        return fit == null ? null : new Fit(fit.values, fit.cost + 10);
    }

    private static @Nullable Fit each(List<Class<?>> types, List<? extends @Nullable Object> arguments) {
        @Nullable Object[] values = new Object[types.size()];
        int cost = 0;
        for (int i = 0; i < values.length; i++) {
            One one = one(types.get(i), arguments.get(i));
            if (one == null) {
                return null;
            }
            values[i] = one.value;
            cost += one.cost;
        }
        return new Fit(values, cost);
    }

    private static @Nullable One one(Class<?> type, @Nullable Object value) {
        if (value == null) {
            return type.isPrimitive() ? null : new One(type == Optional.class ? Optional.empty() : null, 0);
        }
        if (type == value.getClass()) {
            return new One(value, 1);
        }
        if (type.isInstance(value)) {
            return new One(value, type == Object.class ? OBJECT : 2);
        }
        if (type == Optional.class) {
            return new One(Optional.of(value), 3);
        }
        Object other = switch (value) {
            case Long number -> number(type, BigInteger.valueOf(number));
            case BigInteger number -> number(type, number);
            case Integer number -> number(type, BigInteger.valueOf(number));
            case Short number -> number(type, BigInteger.valueOf(number));
            case Byte number -> number(type, BigInteger.valueOf(number));
            case Float number -> floating(type, number);
            case Double number -> floating(type, number);
            case Boolean truth when type == boolean.class -> truth;
            case String text -> text(type, text);
            case Collection<?> items -> items(type, items);
            case NdArray array -> nested(type, array);
            case byte[] bytes when type == ByteBuffer.class -> ByteBuffer.wrap(bytes);
            case OffsetDateTime time when type == Instant.class -> time.toInstant();
            case ZonedDateTime time when type == Instant.class -> time.toInstant();
            default -> value.getClass().isArray() ? array(type, value) : null;
        };
        return other instanceof One one ? one : other == null ? null : new One(other, 5);
    }

    private static @Nullable One number(Class<?> type, BigInteger number) {
        int bits = number.bitLength();
        if (type == long.class || type == Long.class) {
            return bits < Long.SIZE ? new One(number.longValue(), type.isPrimitive() ? 0 : 1) : null;
        }
        if (type == int.class || type == Integer.class) {
            return bits < Integer.SIZE ? new One(number.intValue(), 3) : null;
        }
        if (type == double.class || type == Double.class) {
            double value = number.doubleValue();
            return exact(value, number) ? new One(value, 4) : null;
        }
        if (type == float.class || type == Float.class) {
            float value = number.floatValue();
            return exact(value, number) ? new One(value, 5) : null;
        }
        if (type == short.class || type == Short.class) {
            return bits < Short.SIZE ? new One(number.shortValue(), 6) : null;
        }
        if (type == byte.class || type == Byte.class) {
            return bits < Byte.SIZE ? new One(number.byteValue(), 7) : null;
        }
        if (type == BigInteger.class) {
            return new One(number, 8);
        }
        return type == BigDecimal.class ? new One(new BigDecimal(number), 9) : null;
    }

    private static boolean exact(double value, BigInteger number) {
        return !Double.isInfinite(value) && new BigDecimal(value).compareTo(new BigDecimal(number)) == 0;
    }

    private static @Nullable One floating(Class<?> type, double number) {
        if (type == double.class || type == Double.class) {
            return new One(number, type.isPrimitive() ? 0 : 1);
        }
        if (type == float.class || type == Float.class) {
            return new One((float) number, 3);
        }
        return type == BigDecimal.class && Double.isFinite(number) ? new One(BigDecimal.valueOf(number), 9) : null;
    }

    private static @Nullable Object text(Class<?> type, String text) {
        if ((type == char.class || type == Character.class) && text.length() == 1) {
            return text.charAt(0);
        }
        if (type.isEnum()) {
            for (Object constant : type.getEnumConstants()) {
                if (constant instanceof Enum<?> named && named.name().equals(text)) {
                    return named;
                }
            }
        }
        return null;
    }

    private static @Nullable One items(Class<?> type, Collection<?> items) {
        if (!type.isArray()) {
            return null;
        }
        Object array = Array.newInstance(type.getComponentType(), items.size());
        int cost = 0;
        int i = 0;
        for (Object item : items) {
            One one = one(type.getComponentType(), item);
            if (one == null) {
                return null;
            }
            Array.set(array, i++, one.value);
            cost = Math.max(cost, one.cost);
        }
        return new One(array, 20 + cost);
    }

    /// Of one dimension, to a wider type, a list or an array with a shape.
    private static @Nullable One array(Class<?> type, Object values) {
        int length = Array.getLength(values);
        if (type.isAssignableFrom(List.class)) {
            List<@Nullable Object> list = new ArrayList<>(length);
            for (int i = 0; i < length; i++) {
                list.add(Array.get(values, i));
            }
            return new One(list, 40);
        }
        if (type == NdArray.class) {
            NdArray.Type element = NdArray.Type.ofElement(values.getClass().getComponentType());
            return element == null ? null : new One(new NdArray(element, new int[] {length}, values), 3);
        }
        if (!type.isArray()) {
            return null;
        }
        int cost = widening(values.getClass().getComponentType(), type.getComponentType());
        if (cost < 0) {
            return null;
        }
        Object wider = Array.newInstance(type.getComponentType(), length);
        for (int i = 0; i < length; i++) {
            Array.set(wider, i, Array.get(values, i));
        }
        return new One(wider, cost);
    }

    /// What Java itself converts without losing anything, and whole numbers of 64 bits to `double`, as NumPy does.
    private static int widening(Class<?> from, Class<?> to) {
        List<Class<?>> order = List.of(byte.class, short.class, int.class, long.class, float.class, double.class);
        int steps = order.indexOf(to) - order.indexOf(from);
        boolean lossy = to == float.class && (from == int.class || from == long.class);
        return order.contains(from) && order.contains(to) && steps > 0 && !lossy ? 20 + steps : -1;
    }

    private static @Nullable One nested(Class<?> type, NdArray array) {
        int[] shape = array.shape();
        if (shape.length == 0 || !type.isArray()) {
            return null;
        }
        if (array.type().parts() > 1) {
            return complex(type, array);
        }
        if (shape.length == 1) {
            if (type == array.values().getClass()) {
                return new One(array.values(), 3);
            }
            return array(type, array.values());
        }
        Object nested = Array.newInstance(type.getComponentType(), shape[0]);
        int[] inner = Arrays.copyOfRange(shape, 1, shape.length);
        int size = Arrays.stream(inner).reduce(1, (a, b) -> a * b);
        for (int i = 0; i < shape[0]; i++) {
            Object part = Array.newInstance(array.type().element(), size);
            System.arraycopy(array.values(), i * size, part, 0, size);
            One one = nested(type.getComponentType(), new NdArray(array.type(), inner, part));
            if (one == null) {
                return null;
            }
            Array.set(nested, i, one.value);
        }
        return new One(nested, 10);
    }

    private static @Nullable One complex(Class<?> type, NdArray array) {
        if (type != Complex[].class || array.shape().length != 1) {
            return null;
        }
        Complex[] numbers = new Complex[array.shape()[0]];
        Arrays.setAll(numbers, array::complex);
        return new One(numbers, 5);
    }

    /// As in `(Long, double[])`.
    static String types(List<? extends @Nullable Object> arguments) {
        return arguments.stream()
                .map(argument -> argument == null
                        ? "null"
                        : argument instanceof List<?>
                                ? "List"
                                : argument.getClass().getSimpleName())
                .collect(Collectors.joining(", ", "(", ")"));
    }
}
