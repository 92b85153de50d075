package io.github.daskjvm.pickle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Pickles opcode by opcode, as `pickletools.dis` shows them.
class PickleTest {
    private static byte[] pickle(Object... parts) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x80, 4});
        for (Object part : parts) {
            switch (part) {
                case Integer opcode -> out.write(opcode);
                case Character opcode -> out.write(opcode);
                case String text -> {
                    out.write(Opcode.SHORT_BINUNICODE);
                    out.write(text.length());
                    out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
                }
                default -> throw new IllegalArgumentException();
            }
        }
        out.write('.');
        return out.toByteArray();
    }

    private static @Nullable Object parse(Object... parts) throws PickleFormatException {
        return PickleParser.parse(pickle(parts));
    }

    @Test
    void aCallIsStructureAndCallsNothing() throws Exception {
        var call = (PyNode.Call) parse("os", "system", Opcode.STACK_GLOBAL, "reboot", Opcode.TUPLE1, 'R');
        assertThat(call.isOf("os", "system")).isTrue();
        assertThat(call.how()).isEqualTo(PyNode.How.REDUCE);
        assertThat(call.argumentItems()).containsExactly("reboot");
    }

    @Test
    void whatIsSharedIsOneObjectAndIsWrittenOnce() throws Exception {
        var tuple = (PyNode.Tuple) parse(']', Opcode.MEMOIZE, "a", Opcode.MEMOIZE, 'a', 'h', 0, Opcode.TUPLE2);
        assertThat(tuple.items().get(0)).isSameAs(tuple.items().get(1));
        byte[] again = PickleWriter.write(tuple).pickle();
        var reread = (PyNode.Tuple) PickleParser.parse(again);
        assertThat(reread.items().get(0)).isSameAs(reread.items().get(1));
        assertThat(((PyNode.PyList) reread.items().get(0)).items()).containsExactly("a");
    }

    @Test
    void aListThatContainsItselfStaysOne() throws Exception {
        var list = (PyNode.PyList) parse(']', Opcode.MEMOIZE, 'h', 0, 'a');
        var again = (PyNode.PyList) PickleParser.parse(PickleWriter.write(list).pickle());
        assertThat(again.items()).hasSize(1);
        assertThat(again.items().getFirst()).isSameAs(again);
    }

    @Test
    void aStateSetterIsAChangeOfItsObject() throws Exception {
        var call = (PyNode.Call) parse(
                "m",
                "C",
                Opcode.STACK_GLOBAL,
                ')',
                Opcode.NEWOBJ,
                Opcode.MEMOIZE, // the object
                "m",
                "set",
                Opcode.STACK_GLOBAL,
                'h',
                0,
                "state",
                Opcode.TUPLE2,
                'R',
                '0');
        assertThat(call.changes()).singleElement().satisfies(change -> {
            var set = (PyNode.SetBy) change;
            assertThat(set.setter()).isEqualTo(new PyNode.Global("m", "set"));
            assertThat(set.state()).isEqualTo("state");
        });
    }

    @Test
    void aCallForNothingButItsEffectIsRefused() {
        assertThatThrownBy(() -> parse("os", "system", Opcode.STACK_GLOBAL, "x", Opcode.TUPLE1, 'R', '0', 'N'))
                .isInstanceOf(PickleFormatException.class)
                .hasMessageContaining("a call whose result is thrown away, at byte 20");
    }

    @Test
    void whatIsNotReadIsNamed() {
        assertThatThrownBy(() -> PickleParser.parse("I1\n.".getBytes(StandardCharsets.US_ASCII)))
                .hasMessage("this is no pickle of protocol 3, 4 or 5");
        assertThatThrownBy(() -> PickleParser.parse(new byte[] {(byte) 0x80, 6, 'N', '.'}))
                .hasMessage("pickle protocol 6 is not read here, only 3, 4 and 5");
        assertThatThrownBy(() -> parse("id", 'Q')).hasMessage("opcode 0x51 at byte 6 is not read here");
        assertThatThrownBy(() -> parse('h', 0)).hasMessage("the pickle is cut off or damaged at byte 2");
        assertThatThrownBy(() -> parse('N', '(', 't', '0', '0')).hasMessageContaining("damaged");
        assertThatThrownBy(() -> parse('N', 'N')).hasMessage("the pickle ends with values left over, at byte 4");
        assertThatThrownBy(() -> parse("\u00ff")).hasMessage("text at byte 4 is no valid UTF-8");
    }

    @Test
    void noOpcodeReachesBelowAMark() {
        assertThatThrownBy(() -> parse(']', '(', 'a')).isInstanceOf(PickleFormatException.class);
        assertThatThrownBy(() -> parse(']', 'N', '(', Opcode.TUPLE2)).isInstanceOf(PickleFormatException.class);
    }

    @Test
    void aLongPickleOfNothingTakesNoMoreThanItsSize() {
        byte[] marks = new byte[1_000_000];
        java.util.Arrays.fill(marks, (byte) '(');
        marks[0] = (byte) 0x80;
        marks[1] = 4;
        assertThatThrownBy(() -> PickleParser.parse(marks)).hasMessageContaining("cut off");
        assertThatThrownBy(() -> parse(Opcode.BINUNICODE8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f))
                .hasMessageContaining("cut off");
    }

    @Test
    void valuesOfJavaOnlyAreNamed() {
        assertThatThrownBy(() -> PickleWriter.write(List.of(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith(" stands for nothing in a pickle");
        assertThatThrownBy(() -> PickleWriter.write("\ud800")).hasMessageContaining("half of a surrogate pair");
    }

    @Test
    void whatIsNestedTooDeeplyIsRefused() throws Exception {
        Object value = null;
        for (int i = 0; i < 2000; i++) {
            value = new PyNode.Tuple(value);
        }
        Object deep = value;
        assertThatThrownBy(() -> PickleWriter.write(deep)).hasMessage("nested deeper than 500 levels");
    }
}
