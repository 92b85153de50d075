package io.github.daskjvm.monitoring.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteBudgetTest {
    private static final long SECOND = 1_000_000_000;

    private record Sent(long at, int bytes) {}

    @Test
    void inNoSecondIsMoreSentThanAllowedHoweverItComes() {
        var random = new Random(3);
        for (int history = 0; history < 50; history++) {
            var budget = new ByteBudget(ByteBudget.BYTES_PER_SECOND);
            List<Sent> sent = new ArrayList<>();
            long now = 0;
            for (int i = 0; i < 300; i++) {
                now += random.nextLong(SECOND / 2);
                int bytes = 1 + random.nextInt(ByteBudget.BYTES_PER_SECOND);
                now += budget.nanosUntil(bytes, now);
                assertThat(budget.nanosUntil(bytes, now)).isZero();
                budget.spend(bytes, now);
                sent.add(new Sent(now, bytes));
            }
            for (Sent first : sent) {
                long sum = sent.stream()
                        .filter(s -> s.at >= first.at && s.at < first.at + SECOND)
                        .mapToLong(Sent::bytes)
                        .sum();
                assertThat(sum).isLessThanOrEqualTo(ByteBudget.BYTES_PER_SECOND);
            }
        }
    }

    @Test
    void whatIsMoreThanASecondsWorthIsNeverSent() {
        assertThat(new ByteBudget(ByteBudget.BYTES_PER_SECOND).nanosUntil(ByteBudget.BYTES_PER_SECOND + 1, 0))
                .isNegative();
    }
}
