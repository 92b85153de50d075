package io.github.daskjvm.worker.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.daskjvm.core.model.TaskKey;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.protocol.Pickle;
import java.io.IOException;
import java.io.NotSerializableException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TaskFormatTest {
    private static final String WORKER = "tcp://10.0.0.1:4000";
    private static final ClassLoader LOADER = TaskFormatTest.class.getClassLoader();

    @Test
    void aLambdaWithWhatItCapturesComesBackAsACall() throws Exception {
        int captured = 5;
        SerializableFunction<Integer, Integer> add = x -> x + captured;

        TaskCall call = TaskCall.read(new TaskCall(add, List.of(37)).payload(), LOADER);

        assertThat(TaskCall.invoke(call.function(), new ArrayList<>(call.arguments())))
                .isEqualTo(42);
    }

    @Test
    void aFunctionGetsAsManyArgumentsAsItTakes() throws Exception {
        SerializableCallable<String> none = () -> "none";
        SerializableBiFunction<String, String, String> two = (a, b) -> a + b;
        SerializableVarFunction<Integer> any = List::size;

        assertThat(TaskCall.invoke(none, List.of())).isEqualTo("none");
        assertThat(TaskCall.invoke(two, List.of("a", "b"))).isEqualTo("ab");
        assertThat(TaskCall.invoke(any, List.of(1, 2, 3))).isEqualTo(3);
        assertThatThrownBy(() -> TaskCall.invoke(two, List.of("a")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("with 1 arguments");
    }

    @Test
    void referencesAtAnyDepthOfListsSetsAndMapsAreFoundAndReplaced() {
        var a = new KeyReference(TaskKey.of("a"));
        var b = new KeyReference(TaskKey.of(List.of("b", 0L)));
        List<Object> tree = List.of(1, List.of(a, Map.of("k", Set.of(b))), Map.of(a, "v"));

        assertThat(ArgumentTree.references(tree)).containsExactly(a.key(), b.key());
        assertThat(ArgumentTree.map(tree, leaf -> leaf instanceof KeyReference r ? "<" + r.key() + ">" : leaf))
                .isEqualTo(List.of(1, List.of("<a>", Map.of("k", Set.of("<('b', 0)>"))), Map.of("<a>", "v")));
    }

    @Test
    void argumentsWithoutReferencesStayTheObjectsTheyAre() {
        List<Object> tree = List.of(List.of(1, 2), Map.of("a", 1));

        assertThat(ArgumentTree.map(tree, leaf -> leaf)).isSameAs(tree);
    }

    @Test
    void argumentsThatContainThemselvesAreRefused() {
        List<Object> tree = new ArrayList<>();
        tree.add(tree);

        assertThatThrownBy(() -> ArgumentTree.references(tree))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nested deeper");
    }

    @Test
    void anyKindOfValueSurvivesAPayload() throws IOException {
        for (Object value : Arrays.asList(
                null, "text", 7L, 1.5, true, List.of(1, "b"), new HashMap<>(Map.of("k", 2)), Set.of(1L), int.class)) {
            Payload payload = JavaCodec.payload(value);
            assertThat(JavaCodec.isJava(payload)).isTrue();
            assertThat(JavaCodec.value(payload, LOADER)).isEqualTo(value);
        }
        assertThat(JavaCodec.value(JavaCodec.payload(new int[] {1, 2}), LOADER)).isEqualTo(new int[] {1, 2});
    }

    @Test
    void aValueLargerThanAChunkTravelsInSeveralFrames() throws IOException {
        byte[] large = new byte[150 << 20];
        new Random(1).nextBytes(large);

        Payload payload = JavaCodec.payload(large, List.of(JavaCodec.SERIALIZER));

        assertThat(payload.frames()).hasSize(3);
        assertThat(JavaCodec.value(payload, LOADER)).isEqualTo(large);
    }

    @Test
    void aValueThatDoesNotSerializeIsNamed() {
        assertThatThrownBy(() -> JavaCodec.payload(List.of(new Object())))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageContaining("java.lang.Object");
    }

    @Test
    void aClassThatIsNotHereIsNamedWithWhatToDo() throws IOException {
        record Here(int x) implements java.io.Serializable {}
        Payload payload = JavaCodec.payload(new Here(1));

        assertThatThrownBy(() -> JavaCodec.value(payload, ClassLoader.getPlatformClassLoader()))
                .isInstanceOf(MissingClassException.class)
                .hasMessageContaining("TaskFormatTest$1Here")
                .hasMessageContaining("class path");
    }

    @Test
    void aValueOfAnUnknownSerializerIsRefusedWithItsName() {
        assertThatThrownBy(() ->
                        JavaCodec.value(Payload.serialized(Map.of("serializer", "cuda"), List.of(new byte[3])), LOADER))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("serialized with cuda");
    }

    @Test
    void aDamagedPickleIsRefused() {
        assertThatThrownBy(() -> JavaCodec.value(
                        Payload.serialized(Map.of("serializer", "pickle"), List.of(new byte[3])), LOADER))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can not be read in Java: this is no pickle");
    }

    @Test
    void damagedBytesAreAnIOException() throws IOException {
        long seed = System.nanoTime();
        var random = new Random(seed);
        byte[] good = JavaCodec.serialize(new HashMap<>(Map.of("a", List.of(1, 2, 3), "b", new long[4])))
                .getFirst();
        for (int i = 0; i < 2000; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            byte[] cut = Arrays.copyOf(bad, random.nextInt(bad.length) + 1);
            try {
                JavaCodec.deserialize(List.of(cut), LOADER);
            } catch (IOException e) {
                assertThat(e.getMessage()).as("seed %d, round %d", seed, i).isNotBlank();
            }
        }
    }

    @Test
    void anArrayLongerThanItsBytesIsNotAllocated() throws IOException {
        byte[] bytes = JavaCodec.serialize(new byte[0]).getFirst();
        bytes[bytes.length - 4] = 0x7f;

        assertThatThrownBy(() -> JavaCodec.deserialize(List.of(bytes), LOADER))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("filter status: REJECTED");
    }

    @Test
    void arraysInOneAnotherAreNotEachAllocatedAsLargeAsTheWhole() throws IOException {
        Object[] nested = new Object[0];
        for (int i = 0; i < 50; i++) {
            nested = new Object[] {nested};
        }
        byte[] bytes =
                JavaCodec.serialize(new Object[] {nested, new byte[2_000]}).getFirst();
        byte[] one = {0, 0, 0, 1};
        byte[] many = {0, 0, 0x40, 0};
        int changed = 0;
        for (int i = 0; i + 4 <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + 4, one, 0, 4)) {
                System.arraycopy(many, 0, bytes, i, 4);
                changed++;
            }
        }
        assertThat(changed).isEqualTo(50);

        assertThatThrownBy(() -> JavaCodec.deserialize(List.of(bytes), LOADER))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("filter status: REJECTED");
    }

    @Test
    void anExceptionComesBackWithItsClassCauseAndRemoteStackTrace() {
        var failure = new IllegalStateException("it broke", new IOException("disk"));

        Throwable restored = TaskFailure.restore(TaskFailure.pickle(failure, WORKER), null, null, LOADER);

        assertThat(restored)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("it broke")
                .hasCauseInstanceOf(IOException.class);
        assertThat(restored.getStackTrace()).isEqualTo(failure.getStackTrace());
        assertThat(TaskFailure.worker(TaskFailure.pickle(failure, WORKER))).isEqualTo(WORKER);
    }

    @Test
    void anExceptionThatDoesNotSerializeComesBackAsText() {
        class Unserializable extends RuntimeException {
            @SuppressWarnings("unused")
            final Object field = new Object();

            Unserializable() {
                super("with a field");
            }
        }

        Throwable restored = TaskFailure.restore(TaskFailure.pickle(new Unserializable(), WORKER), null, null, LOADER);

        assertThat(restored).isInstanceOf(RemoteTaskException.class).hasMessageContaining("with a field");
    }

    @Test
    void aPythonExceptionComesBackAsText() {
        byte[] pickle = "\u0080\u0004whatever.".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(TaskFailure.restore(pickle, "ValueError('x')", "File …", LOADER))
                .isInstanceOf(RemoteTaskException.class)
                .hasMessage("ValueError('x')");
        assertThat(TaskFailure.restore(null, null, null, LOADER)).hasMessage("the task failed");
    }

    @Test
    void anExceptionThatOnlyPythonHasIsDescribedFromItsPickle() {
        // pickle.dumps(ValueError("too large"), 5)
        byte[] value = HexFormat.of()
                .parseHex("8005952b000000000000008c086275696c74696e73948c0a56616c756545"
                        + "72726f729493948c09746f6f206c6172676594859452942e");
        byte[] killed = Pickle.exception(
                "distributed.scheduler",
                "KilledWorker",
                "inc-1",
                Pickle.callWithState(Pickle.global("types", "SimpleNamespace"), Map.of("address", WORKER)),
                3);

        assertThat(TaskFailure.restore(value, null, null, LOADER)).hasMessage("ValueError: too large");
        assertThat(TaskFailure.worker(value)).isNull();
        assertThat(TaskFailure.restore(killed, null, null, LOADER))
                .isInstanceOfSatisfying(
                        RemoteTaskException.class,
                        e -> assertThat(e.schedulerFailure())
                                .contains(new SchedulerFailure.KilledWorker("inc-1", WORKER, 3)))
                .hasMessageContaining("KilledWorker")
                .hasMessageContaining("inc-1")
                .hasMessageContaining(WORKER);
        for (int length = 0; length < value.length; length++) {
            assertThat(TaskFailure.restore(Arrays.copyOf(value, length), null, null, LOADER))
                    .isInstanceOf(RemoteTaskException.class);
        }
    }
}
