package io.github.daskjvm.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JvmFamiliesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "PS Scavenge",
                "PS MarkSweep",
                "G1 Young Generation",
                "Copy",
                "Shenandoah Pauses",
                "ZGC Major Pauses"
            })
    void timeOfPausesIsTimeSpentCollecting(String collector) {
        assertThat(JvmFamilies.stops(collector)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Shenandoah Cycles", "ZGC Minor Cycles"})
    void timeBesideTheProgramIsNot(String collector) {
        assertThat(JvmFamilies.stops(collector)).isFalse();
    }
}
