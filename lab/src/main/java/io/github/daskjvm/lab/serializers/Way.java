package io.github.daskjvm.lab.serializers;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import com.esotericsoftware.kryo.util.DefaultInstantiatorStrategy;
import io.github.daskjvm.protocol.Payload;
import io.github.daskjvm.worker.task.JavaCodec;
import java.util.List;
import org.apache.fory.Fory;
import org.apache.fory.config.Language;
import org.jspecify.annotations.Nullable;
import org.objenesis.strategy.StdInstantiatorStrategy;

/// One way to write values and read them again. Not thread-safe.
interface Way {
    String name();

    /// @return null if it is not made for the value
    @Nullable
    List<byte[]> write(Object value) throws Exception;

    Object read(List<byte[]> frames) throws Exception;

    /// Ours as it is used: the plain form where it fits, else Java's.
    final class Ours implements Way {
        private final ClassLoader loader = Way.class.getClassLoader();
        private Payload written = Payload.pickled(new byte[0]);

        @Override
        public String name() {
            return "plain";
        }

        @Override
        public @Nullable List<byte[]> write(Object value) throws Exception {
            written = JavaCodec.payload(value);
            return JavaCodec.isReadBy(List.of(JavaCodec.SERIALIZER), written) ? null : written.frames();
        }

        @Override
        public Object read(List<byte[]> frames) throws Exception {
            Object value = JavaCodec.value(written, loader);
            return value == null ? "" : value;
        }
    }

    /// Java's own, with the filter that is on by default.
    final class Java implements Way {
        private final ClassLoader loader = Way.class.getClassLoader();

        @Override
        public String name() {
            return "Java";
        }

        @Override
        public List<byte[]> write(Object value) throws Exception {
            return JavaCodec.serialize(value);
        }

        @Override
        public Object read(List<byte[]> frames) throws Exception {
            Object value = JavaCodec.deserialize(frames, loader);
            return value == null ? "" : value;
        }
    }

    /// Any class, references kept, without constructors: what a stream of any user's classes needs.
    final class OfKryo implements Way {
        private final Kryo kryo = new Kryo();
        private final Output output = new Output(1 << 16, -1);

        OfKryo() {
            kryo.setRegistrationRequired(false);
            kryo.setReferences(true);
            kryo.setInstantiatorStrategy(new DefaultInstantiatorStrategy(new StdInstantiatorStrategy()));
        }

        @Override
        public String name() {
            return "Kryo";
        }

        @Override
        public List<byte[]> write(Object value) {
            output.reset();
            kryo.writeClassAndObject(output, value);
            return List.of(output.toBytes());
        }

        @Override
        public Object read(List<byte[]> frames) {
            return kryo.readClassAndObject(new Input(frames.getFirst()));
        }
    }

    /// As [OfKryo].
    final class OfFory implements Way {
        private final Fory fory = Fory.builder()
                .withLanguage(Language.JAVA)
                .withRefTracking(true)
                .requireClassRegistration(false)
                .suppressClassRegistrationWarnings(true)
                .withAsyncCompilation(false)
                .build();

        @Override
        public String name() {
            return "Fory";
        }

        @Override
        public List<byte[]> write(Object value) {
            return List.of(fory.serialize(value));
        }

        @Override
        public Object read(List<byte[]> frames) {
            return fory.deserialize(frames.getFirst());
        }
    }
}
