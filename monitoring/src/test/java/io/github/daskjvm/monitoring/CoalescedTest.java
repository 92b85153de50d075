package io.github.daskjvm.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CoalescedTest {
    private final AtomicInteger made = new AtomicInteger();

    @Test
    void whoAsksAfterTheOtherGetsANewOne() {
        var coalesced = new Coalesced<>(made::incrementAndGet);
        assertThat(coalesced.get()).isEqualTo(1);
        assertThat(coalesced.get()).isEqualTo(2);
    }

    /// A hundred ask while the first one is being made: the second one is for all of them.
    @Test
    void whoAsksWhileItIsMadeSharesTheNextOne() throws Exception {
        var begun = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var coalesced = new Coalesced<>(() -> {
            begun.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return made.incrementAndGet();
        });
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Integer> first = threads.submit(coalesced::get);
            begun.await();
            List<Future<Integer>> others = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                others.add(threads.submit(coalesced::get));
            }
            while (coalesced.waiting() < 100) {
                Thread.onSpinWait();
            }
            goOn.countDown();
            assertThat(first.get()).isEqualTo(1);
            for (Future<Integer> other : others) {
                assertThat(other.get()).isEqualTo(2);
            }
        }
    }

    @Test
    void aFailureIsForTheOneThatMadeIt() {
        var coalesced = new Coalesced<>(() -> {
            if (made.incrementAndGet() == 1) {
                throw new IllegalStateException("the first time");
            }
            return made.get();
        });
        org.assertj.core.api.Assertions.assertThatThrownBy(coalesced::get).hasMessage("the first time");
        assertThat(coalesced.get()).isEqualTo(2);
    }
}
