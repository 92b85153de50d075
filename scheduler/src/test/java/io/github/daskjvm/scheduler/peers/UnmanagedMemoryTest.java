package io.github.daskjvm.scheduler.peers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnmanagedMemoryTest {
    private final UnmanagedMemory memory = new UnmanagedMemory();

    @Test
    void nothingIsOldBeforeLongEnough() {
        memory.add(100, 7);
        memory.add(120, 7);
        assertThat(memory.oldBytes()).isZero();
    }

    @Test
    void whatIsOldIsTheLeastOfTheWindow() {
        memory.add(100, 3);
        memory.add(110, 9);
        memory.add(125, 5);
        memory.add(132, 8);
        assertThat(memory.oldBytes()).isEqualTo(5);
        memory.add(156, 6);
        assertThat(memory.oldBytes()).isEqualTo(6);
    }
}
