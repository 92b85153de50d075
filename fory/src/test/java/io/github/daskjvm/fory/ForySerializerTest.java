package io.github.daskjvm.fory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.Future;
import io.github.daskjvm.client.LocalCluster;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.task.JavaCodec;
import io.github.daskjvm.worker.task.RejectedClassException;
import io.github.daskjvm.worker.task.SerialFilter;
import io.github.daskjvm.worker.task.TaskLoader;
import io.github.daskjvm.worker.task.ValueSerializers;
import java.io.IOException;
import java.io.Serializable;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ForySerializerTest {
    private static final ClassLoader CLASSES = ForySerializerTest.class.getClassLoader();

    record Order(long id, String customer, List<BigDecimal> amounts, LocalDate day) implements Serializable {}

    static class Link implements Serializable {
        Link next = this;
    }

    enum Only implements Serializable {
        ONE
    }

    private static TaskLoader loader(String filter) {
        return new TaskLoader(CLASSES, SerialFilter.of(filter), ValueSerializers.named("fory"));
    }

    private static Payload written(Object value) throws IOException {
        return JavaCodec.payload(value, JavaCodec.SERIALIZERS_READ, loader(""));
    }

    private static String header(Payload payload) {
        return new String(payload.header(), StandardCharsets.ISO_8859_1);
    }

    private static Order order(int id) {
        return new Order(id, "customer " + id, List.of(new BigDecimal("1.50")), LocalDate.EPOCH);
    }

    @Test
    void valuesComeBackAsWhatTheyWere() throws IOException {
        var orders = new ArrayList<Order>();
        for (int i = 0; i < 100; i++) {
            orders.add(order(i));
        }
        var byAccess = new LinkedHashMap<>(Map.of("a", order(1)));
        for (Object value :
                List.of(orders, order(1), byAccess, new TreeMap<>(Map.of("k", order(2))), Only.ONE, TimeUnit.DAYS)) {
            Payload payload = written(value);
            assertThat(header(payload)).contains("fory");
            assertThat(JavaCodec.isJava(payload)).isTrue();
            assertThat(JavaCodec.value(payload, loader(""))).isEqualTo(value).hasSameClassAs(value);
        }
        var link = (Link) JavaCodec.value(written(new Link()), loader(""));
        assertThat(link.next).isSameAs(link);
        assertThat(header(written(List.of(1, "plain")))).contains("java-plain");
        assertThat(ValueSerializers.named("")).isInstanceOf(ForySerializer.class);
        assertThat(ValueSerializers.named("java")).isNull();
    }

    @Test
    void whoDoesNotReadItGetsJavas() throws IOException {
        Payload payload = JavaCodec.payload(order(1), List.of("java-plain", "java"), loader(""));

        assertThat(header(payload)).contains("java").doesNotContain("fory");
        assertThat(JavaCodec.isReadBy(List.of("java"), written(order(1)))).isFalse();
        assertThat(JavaCodec.value(payload, loader(""))).isEqualTo(order(1));
    }

    @Test
    void classesAreFilteredAndDamagedBytesAreAnIOException() throws IOException {
        Payload payload = written(order(1));

        assertThatThrownBy(() -> JavaCodec.value(payload, loader("!" + Order.class.getName())))
                .isInstanceOf(RejectedClassException.class)
                .hasMessageContaining("ForySerializerTest$Order")
                .hasMessageContaining("--serial-filter");
        Payload address = JavaCodec.payload(
                List.of(URI.create("http://localhost").toURL()), JavaCodec.SERIALIZERS_READ, loader("java.net.URL"));
        assertThatThrownBy(() -> JavaCodec.value(address, loader(""))).isInstanceOf(RejectedClassException.class);
        assertThatThrownBy(() -> JavaCodec.value(payload, ClassLoader.getPlatformClassLoader()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Order");
    }

    @Test
    void damagedBytesAreAnIOExceptionOrAnotherValue() throws IOException {
        long seed = System.nanoTime();
        var random = new Random(seed);
        byte[] good =
                written(new ArrayList<>(List.of(order(1), order(2)))).frames().getFirst();
        for (int i = 0; i < 1_000; i++) {
            byte[] bad = Arrays.copyOf(good, 1 + random.nextInt(good.length));
            bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            try {
                JavaCodec.value(Payload.serialized(Map.of("serializer", "fory"), List.of(bad)), loader(""));
            } catch (IOException e) {
                assertThat(e.getMessage()).as("seed %d, round %d", seed, i).isNotBlank();
            }
        }
    }

    @Test
    void aClusterUsesItForResultsThatItsWorkersExchangeAndItsClientsFetch() throws Exception {
        try (LocalCluster cluster = LocalCluster.builder().workers(2).start();
                Client client = cluster.client()) {
            Future<List<Order>> orders = client.submit(() -> new ArrayList<>(List.of(order(1), order(2))));
            Future<Comparator<Integer>> lambda =
                    client.submit(() -> (Comparator<Integer> & Serializable) (a, b) -> b - a);

            assertThat(orders.get()).containsExactly(order(1), order(2));
            assertThat(lambda.get().compare(1, 3)).isEqualTo(2);
            assertThat(client.getVersions().client().serializers()).containsEntry("fory", 14);
        }
        assertThatThrownBy(() -> LocalCluster.builder().serializer("absent").start())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there are java, fory");
    }
}
