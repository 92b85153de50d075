package io.github.daskjvm.comm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OpMeterTest {
    private final OpMeter meter = new OpMeter();

    private OpFigures find(String op) {
        List<OpFigures> ops = meter.figures().ops();
        return ops.stream().filter(each -> each.op().equals(op)).findFirst().orElse(new OpFigures(op, 0, 0, 0));
    }

    @Test
    void operationsBeyondTheBoundShareOne() {
        for (int i = 0; i < OpMeter.OPS_MAX + 40; i++) {
            meter.done("op-" + i, 10);
            meter.done("op-" + i, 10);
        }
        assertThat(meter.figures().ops()).hasSize(OpMeter.OPS_MAX + 1);
        assertThat(meter.figures().others()).isEqualTo(40);
        assertThat(find("op-299")).isEqualTo(new OpFigures("op-299", 2, 0, 20));
        assertThat(find("op-300").calls()).isZero();
        assertThat(find(OpMeter.OTHER)).isEqualTo(new OpFigures(OpMeter.OTHER, 80, 0, 800));
    }

    @Test
    void whatNobodyKnowsTakesNoRoomFromWhatIsKnown() {
        for (int i = 0; i < 5000; i++) {
            meter.unknown("nonsense-" + i);
        }
        meter.done("identity", 10);
        assertThat(find("identity").calls()).isEqualTo(1);
        assertThat(find(OpMeter.OTHER).calls()).isEqualTo(5000);
        assertThat(meter.figures().ops()).hasSize(2);
        assertThat(meter.figures().others()).isEqualTo(OpMeter.OTHERS_MAX);
    }
}
