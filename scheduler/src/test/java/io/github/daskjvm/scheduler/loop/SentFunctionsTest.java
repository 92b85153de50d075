package io.github.daskjvm.scheduler.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SentFunctionsTest {
    private final SentFunctions functions = new SentFunctions();

    @Test
    void aFunctionKeepsItsNumber() {
        byte[] one = {1};
        byte[] two = {2};
        assertThat(functions.number(one)).isNegative();
        int first = functions.add(one);
        int second = functions.add(two);

        assertThat(second).isNotEqualTo(first);
        assertThat(functions.number(one)).isEqualTo(first);
        assertThat(functions.number(two)).isEqualTo(second);
    }

    @Test
    void oneThatWasSentLongAgoMakesRoomAndIsSentAgain() {
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            byte[] function = {(byte) i};
            all.add(function);
            functions.add(function);
        }

        byte[] gone = all.getFirst();
        assertThat(functions.number(gone)).isNegative();
        int anew = functions.add(gone);
        assertThat(all.stream().filter(each -> functions.number(each) == anew)).containsExactly(gone);
    }
}
