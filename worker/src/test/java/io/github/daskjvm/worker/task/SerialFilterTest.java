package io.github.daskjvm.worker.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Calendar;
import java.util.Collections;
import java.util.Comparator;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.apache.commons.collections.functors.InvokerTransformer;
import org.junit.jupiter.api.Test;

class SerialFilterTest {
    private static final ClassLoader CLASSES = SerialFilterTest.class.getClassLoader();

    record Point(int x, List<BigDecimal> sizes) implements Serializable {}

    static class Custom extends Exception {
        final Point at = new Point(1, List.of());
    }

    interface Greeting {
        String greet();
    }

    record Handler(String text) implements InvocationHandler, Serializable {
        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) {
            return text;
        }
    }

    private static Object read(Object value, String filter) throws IOException {
        return JavaCodec.deserialize(JavaCodec.serialize(value), new TaskLoader(CLASSES, SerialFilter.of(filter)));
    }

    private static void isRefused(Object value, String filter, String className) {
        assertThatThrownBy(() -> read(value, filter))
                .isInstanceOfSatisfying(
                        RejectedClassException.class,
                        e -> assertThat(e.className()).startsWith(className))
                .hasMessageContaining(className)
                .hasMessageContaining("--serial-filter");
    }

    @Test
    void theJdksValuesAndTheUsersOwnClassesAreAllowed() throws IOException {
        var queue = new PriorityQueue<>(Comparator.<Integer>reverseOrder());
        queue.add(1);
        for (Object value : List.of(
                new BigDecimal("1.5"),
                Instant.EPOCH,
                Duration.ZERO,
                LocalDate.MAX,
                ZonedDateTime.of(LocalDate.EPOCH.atStartOfDay(), ZoneId.of("Europe/Berlin")),
                new Date(0),
                Calendar.getInstance(),
                UUID.randomUUID(),
                Locale.GERMANY,
                new TreeMap<>(Map.of("a", 1)),
                new TreeSet<>(List.of(1)),
                new ArrayDeque<>(List.of(1)),
                new LinkedList<>(List.of(1)),
                Collections.unmodifiableMap(new ConcurrentHashMap<>(Map.of(1, 2))),
                new CopyOnWriteArrayList<>(List.of(1)),
                new AtomicLong(5),
                EnumSet.of(TimeUnit.DAYS),
                new EnumMap<>(Map.of(TimeUnit.DAYS, 1)),
                BitSet.valueOf(new long[] {5}),
                new Properties(),
                Pattern.compile("a+"),
                new File("x"),
                URI.create("http://localhost"),
                InetAddress.getLoopbackAddress(),
                Thread.State.NEW,
                Integer.class,
                new Object[] {1, new int[3][2]},
                new StringBuilder("text"),
                new ExecutionException("failed", new IOException("why")),
                new Custom(),
                new Point(1, List.of(BigDecimal.ONE)))) {
            assertThat(read(value, "")).hasSameClassAs(value);
        }
        assertThat(((PriorityQueue<?>) read(queue, "")).peek()).isEqualTo(1);
        assertThat(read((Comparator<Integer> & Serializable) (a, b) -> 0, "")).isInstanceOf(Comparator.class);
        var greeting =
                (Greeting) Proxy.newProxyInstance(CLASSES, new Class<?>[] {Greeting.class}, new Handler("hello"));
        assertThat(((Greeting) read(greeting, "")).greet()).isEqualTo("hello");
    }

    @Test
    void theRestOfTheJdkAndFamiliesKnownFromAttacksAreRefusedAndNothingIsMade() throws Exception {
        int made = InvokerTransformer.MADE.get();

        isRefused(new InvokerTransformer(), "", "org.apache.commons.collections.functors.InvokerTransformer");
        isRefused(List.of(new Object[] {1, new InvokerTransformer()}), "", "org.apache.commons.collections.");
        isRefused(new InvokerTransformer[1], "", "[Lorg.apache.commons.collections.functors.InvokerTransformer");
        isRefused(new javax.management.BadAttributeValueExpException(1), "", "javax.management.");
        isRefused(URI.create("http://localhost").toURL(), "", "java.net.URL");
        isRefused(java.util.logging.Level.INFO, "", "java.util.logging.Level");
        // An annotation is a proxy whose handler is the JDK's own.
        isRefused(
                FunctionalInterface.class.getAnnotation(java.lang.annotation.Retention.class),
                "",
                "java.lang.annotation.Retention");
        Object comparator = Proxy.newProxyInstance(CLASSES, new Class<?>[] {Comparator.class}, new Handler("1"));
        assertThatThrownBy(() -> read(comparator, ""))
                .isInstanceOf(RejectedClassException.class)
                .hasMessageContaining("a proxy of java.util.Comparator");

        assertThat(InvokerTransformer.MADE).hasValue(made);
    }

    @Test
    void aPatternAllowsRefusesOrListsAllThatThereIs() throws IOException {
        String own = "io.github.daskjvm.worker.task.SerialFilterTest$Point";
        assertThat(read(new InvokerTransformer(), "org.apache.commons.collections.**"))
                .isInstanceOf(InvokerTransformer.class);
        isRefused(new Point(1, List.of()), "!" + own, own);
        isRefused(new TreeMap<>(), "!java.util.TreeMap", "java.util.TreeMap");

        assertThat(read(List.of(BigDecimal.ONE), "!*")).isEqualTo(List.of(BigDecimal.ONE));
        var library = new org.assertj.core.data.Offset[0];
        assertThat(read(library, "")).isInstanceOf(library.getClass());
        isRefused(library, "!*", "[Lorg.assertj.core.data.Offset");
        assertThat(read(library, "org.assertj.core.data.*;!*")).isInstanceOf(library.getClass());

        assertThatThrownBy(() -> SerialFilter.of("com..*.x;maxdepth=many"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("can not be read");
    }
}
