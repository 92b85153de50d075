package io.github.daskjvm.worker.task;

import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A function of Java's that is known by its name, and takes what comes from Python: among overloads the one that the
/// arguments fit best is called, see [Conversion]. Any thread may call.
public final class NamedFunction {
    private static final ClassValue<Map<String, NamedFunction>> KNOWN = new ClassValue<>() {
        @Override
        protected Map<String, NamedFunction> computeValue(Class<?> type) {
            return new ConcurrentHashMap<>();
        }
    };

    private final String name;
    private final List<Overload> overloads;

    private NamedFunction(String name, List<Overload> overloads) {
        this.name = name;
        this.overloads = overloads;
    }

    /// | name | what is called |
    /// |---|---|
    /// | `com.example.Fn` | the method of a functional interface that the class implements, of a new object |
    /// | `com.example.Fn` | where it implements none, its public static method |
    /// | `com.example.Math::hypot` | a public static method; or one of objects, which are then the first argument |
    /// | `com.example.Point::new` | a public constructor |
    ///
    /// The interfaces are those of `java.util.function` and of this package, `Callable` and `Runnable`. A class
    /// inside another is `com.example.Outer$Inner` or `com.example.Outer.Inner`.
    ///
    /// @throws MissingClassException if there is no such class
    /// @throws IllegalArgumentException if the class has no such function
    public static NamedFunction find(String name, ClassLoader loader) throws MissingClassException {
        int colons = name.indexOf("::");
        String className = colons < 0 ? name : name.substring(0, colons);
        String member = colons < 0 ? "" : name.substring(colons + 2);
        Class<?> type = load(className, loader);
        Map<String, NamedFunction> known = KNOWN.get(type);
        NamedFunction function = known.get(member);
        if (function == null) {
            function = new NamedFunction(name, member.isEmpty() ? ofClass(type) : ofMember(type, member));
            known.put(member, function);
        }
        return function;
    }

    private static Class<?> load(String name, ClassLoader loader) throws MissingClassException {
        String tried = name;
        while (true) {
            try {
                return Class.forName(tried, true, loader);
            } catch (NoClassDefFoundError e) {
                throw new MissingClassException(String.valueOf(e.getMessage()).replace('/', '.'), e);
            } catch (ClassNotFoundException e) {
                int dot = tried.lastIndexOf('.');
                if (dot < 0) {
                    throw new MissingClassException(name, e);
                }
                tried = tried.substring(0, dot) + '$' + tried.substring(dot + 1);
            }
        }
    }

    private static List<Overload> ofMember(Class<?> type, String member) {
        List<Overload> found = new ArrayList<>();
        if (member.equals("new")) {
            for (Constructor<?> constructor : type.getConstructors()) {
                add(found, new Overload(constructor, List.of(), null));
            }
        }
        for (Method method : type.getMethods()) {
            if (method.getName().equals(member) && !method.isBridge()) {
                boolean ofObject = !Modifier.isStatic(method.getModifiers());
                add(found, new Overload(method, ofObject ? List.of(type) : List.of(), null));
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("the class " + type.getName() + " has no public method " + member
                    + (statics(type).isEmpty() ? "" : "; its static ones are " + String.join(", ", statics(type))));
        }
        return found;
    }

    private static List<Overload> ofClass(Class<?> type) {
        List<Overload> found = new ArrayList<>();
        for (Method wanted : functional(type)) {
            for (Method method : type.getMethods()) {
                if (method.getName().equals(wanted.getName())
                        && method.getParameterCount() == wanted.getParameterCount()
                        && !method.isBridge()
                        && !Modifier.isStatic(method.getModifiers())) {
                    add(found, new Overload(method, List.of(), constructor(type)));
                }
            }
        }
        if (!found.isEmpty()) {
            return found;
        }
        Set<String> names = statics(type);
        if (names.size() > 1) {
            names.remove("main");
        }
        if (names.size() == 1) {
            return ofMember(type, names.iterator().next());
        }
        throw new IllegalArgumentException(
                names.isEmpty()
                        ? "the class " + type.getName()
                                + " is no function: it implements none of Java's functional interfaces, and has no"
                                + " public static method"
                        : "the class " + type.getName() + " has several public static methods; name one of them, as in "
                                + type.getName() + "::" + names.iterator().next() + " (there is "
                                + String.join(", ", names) + ")");
    }

    /// A method that several interfaces have is found several times.
    private static void add(List<Overload> found, Overload overload) {
        if (found.stream().noneMatch(other -> other.types().equals(overload.types()))) {
            found.add(overload);
        }
    }

    private static Constructor<?> constructor(Class<?> type) {
        try {
            return type.getDeclaredConstructor();
        } catch (NoSuchMethodException e) {
            throw new IllegalArgumentException(
                    "the class " + type.getName() + " has no constructor without parameters", e);
        }
    }

    private static Set<String> statics(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .filter(method -> Modifier.isStatic(method.getModifiers()) && !method.isSynthetic())
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// The abstract methods of the functional interfaces that the class implements.
    private static List<Method> functional(Class<?> type) {
        Set<Class<?>> interfaces = new LinkedHashSet<>();
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            addInterfaces(each, interfaces);
        }
        List<Method> methods = new ArrayList<>();
        for (Class<?> each : interfaces) {
            String home = each.getPackageName();
            if (each == Callable.class
                    || each == Runnable.class
                    || home.equals("java.util.function")
                    || home.equals(SerializableFunction.class.getPackageName())) {
                for (Method method : each.getDeclaredMethods()) {
                    if (Modifier.isAbstract(method.getModifiers())) {
                        methods.add(method);
                    }
                }
            }
        }
        return methods;
    }

    private static void addInterfaces(Class<?> type, Set<Class<?>> into) {
        for (Class<?> each : type.getInterfaces()) {
            into.add(each);
            addInterfaces(each, into);
        }
    }

    /// @throws Exception what the function threw
    /// @throws IllegalArgumentException if the arguments do not fit, naming their types and what there is
    public @Nullable Object call(List<? extends @Nullable Object> arguments) throws Exception {
        Overload best = null;
        Conversion.Fit bestFit = null;
        boolean ambiguous = false;
        for (Overload overload : overloads) {
            Conversion.Fit fit = overload.fit(arguments);
            if (fit == null || bestFit != null && fit.cost() > bestFit.cost()) {
                continue;
            }
            boolean better =
                    best == null || bestFit == null || fit.cost() < bestFit.cost() || overload.isNarrowerThan(best);
            ambiguous = !better && best != null && !best.isNarrowerThan(overload);
            if (better) {
                best = overload;
                bestFit = fit;
            }
        }
        if (best == null || bestFit == null || ambiguous) {
            throw new IllegalArgumentException(name + (ambiguous ? " is ambiguous for " : " can not be called with ")
                    + Conversion.types(arguments) + "; there is "
                    + overloads.stream().map(Overload::toString).collect(Collectors.joining(", ")));
        }
        return best.call(bestFit.values());
    }

    /// One way to call it.
    ///
    /// @param receiver the class of the object whose method it is, which is then the first argument
    /// @param maker makes the object whose method it is; otherwise null
    private record Overload(
            Executable code,
            List<Class<?>> receiver,
            @Nullable Constructor<?> maker) {
        Overload {
            open(code);
            if (maker != null) {
                open(maker);
            }
        }

        /// Public methods of classes that are not public can be called all the same where their module lets us.
        private static void open(Executable code) {
            boolean isPublic = Modifier.isPublic(code.getModifiers())
                    && Modifier.isPublic(code.getDeclaringClass().getModifiers());
            if (!isPublic && !code.trySetAccessible()) {
                throw new IllegalArgumentException(code + " is not public");
            }
        }

        private List<Class<?>> types() {
            List<Class<?>> types = new ArrayList<>(receiver);
            types.addAll(List.of(code.getParameterTypes()));
            return types;
        }

        Conversion.@Nullable Fit fit(List<? extends @Nullable Object> arguments) {
            if (maker != null && SerializableVarFunction.class.isAssignableFrom(maker.getDeclaringClass())) {
                @Nullable Object[] all = {arguments};
                return new Conversion.Fit(all, 0);
            }
            return Conversion.fit(types(), code.isVarArgs(), arguments);
        }

        boolean isNarrowerThan(Overload other) {
            List<Class<?>> mine = types();
            List<Class<?>> its = other.types();
            if (mine.size() != its.size() || mine.equals(its)) {
                return false;
            }
            for (int i = 0; i < mine.size(); i++) {
                if (!its.get(i).isAssignableFrom(mine.get(i))) {
                    return false;
                }
            }
            return true;
        }

        @Nullable
        Object call(@Nullable Object[] arguments) throws Exception {
            try {
                if (code instanceof Constructor<?> constructor) {
                    return constructor.newInstance(arguments);
                }
                Method method = (Method) code;
                if (maker != null) {
                    return method.invoke(maker.newInstance(), arguments);
                }
                return receiver.isEmpty()
                        ? method.invoke(null, arguments)
                        : method.invoke(arguments[0], Arrays.copyOfRange(arguments, 1, arguments.length));
            } catch (InvocationTargetException e) {
                switch (e.getCause()) {
                    case Exception thrown -> throw thrown;
                    case Error thrown -> throw thrown;
                    case null, default -> throw e;
                }
            }
        }

        @Override
        public String toString() {
            String name = code instanceof Constructor<?> ? "new" : code.getName();
            return name + types().stream().map(Class::getTypeName).collect(Collectors.joining(", ", "(", ")"));
        }
    }
}
