package io.github.daskjvm.protocol;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A message body of the form `{"op": …, name: value, …}` with typed access. A missing or mistyped field is a
/// [BadMessageException] that names the op, the field, what was expected and what came.
public abstract sealed class Fields permits DecodedFields, ScannedFields {

    /// Maps of an array, one after the other.
    public interface Maps {
        /// How many the array has.
        int size();

        /// The next of so many: null if it is no map. It may be the same object, with what is now in it, again and
        /// again.
        @Nullable
        Fields next();
    }

    /// @throws BadMessageException if the body is no map, or has no text under `op`
    public static Fields of(@Nullable Object body) throws BadMessageException {
        if (!(body instanceof Map<?, ?> map)) {
            throw new BadMessageException("a message must be a map with an op, this one is " + describe(body));
        }
        if (!(map.get("op") instanceof String op)) {
            throw new BadMessageException("a message must have an op, this one has " + map.keySet());
        }
        return new DecodedFields(op, map);
    }

    /// @param op what messages of failures call it
    public static Fields of(String op, Map<?, ?> map) {
        return new DecodedFields(op, map);
    }

    /// The operation.
    public abstract String op();

    /// The whole, `op` included.
    public abstract Map<?, ?> map();

    public abstract @Nullable Object get(String name);

    public abstract boolean has(String name);

    /// The maps of an array or set; of none if missing or null.
    public abstract Maps maps(String name) throws BadMessageException;

    /// The value under `name`, which must be there and not null.
    public Object required(String name) throws BadMessageException {
        Object value = get(name);
        if (value == null) {
            throw new BadMessageException("op " + op() + " needs the field " + name);
        }
        return value;
    }

    public String string(String name) throws BadMessageException {
        return required(name) instanceof String s ? s : mistyped(name, "text");
    }

    public @Nullable String stringOrNull(String name) throws BadMessageException {
        Object value = get(name);
        return value == null || value instanceof String ? (String) value : string(name);
    }

    public long integer(String name) throws BadMessageException {
        return required(name) instanceof Long n ? n : this.<Long>mistyped(name, "an integer");
    }

    public long integer(String name, long otherwise) throws BadMessageException {
        Object value = get(name);
        return value instanceof Long n ? n : value == null ? otherwise : integer(name);
    }

    /// An integer or float, as a double.
    public double number(String name) throws BadMessageException {
        return required(name) instanceof Number n ? n.doubleValue() : this.<Double>mistyped(name, "a number");
    }

    public double number(String name, double otherwise) throws BadMessageException {
        return get(name) == null ? otherwise : number(name);
    }

    public boolean bool(String name, boolean otherwise) throws BadMessageException {
        return switch (get(name)) {
            case null -> otherwise;
            case Boolean b -> b;
            default -> this.<Boolean>mistyped(name, "true or false");
        };
    }

    /// An array, or a set.
    public Collection<?> list(String name) throws BadMessageException {
        return required(name) instanceof Collection<?> c ? c : mistyped(name, "an array");
    }

    /// An array or set; empty if missing or null.
    public Collection<?> listOrEmpty(String name) throws BadMessageException {
        Object value = get(name);
        return value instanceof Collection<?> c ? c : value == null ? List.of() : list(name);
    }

    public Map<?, ?> mapping(String name) throws BadMessageException {
        return required(name) instanceof Map<?, ?> m ? m : mistyped(name, "a map");
    }

    public Map<?, ?> mappingOrEmpty(String name) throws BadMessageException {
        return get(name) == null ? Map.of() : mapping(name);
    }

    /// A failure that names this op and field, for checks of the caller's own.
    public BadMessageException wrong(String name, String expected) {
        return new BadMessageException(
                "op " + op() + ": the field " + name + " must be " + expected + ", it is " + describe(get(name)));
    }

    private <T> T mistyped(String name, String expected) throws BadMessageException {
        throw wrong(name, expected);
    }

    private static String describe(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case String s -> "the text '" + (s.length() > 40 ? s.substring(0, 40) + "…" : s) + "'";
            case Map<?, ?> m -> "a map of " + m.size();
            case Collection<?> c -> "an array of " + c.size();
            case byte[] b -> b.length + " bytes";
            default -> value.getClass().getSimpleName() + " " + value;
        };
    }
}
