package io.github.daskjvm.core.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OrderedSetTest {
    @Test
    void isASetInOrderOfInsertionWhateverIsDoneWithIt() {
        long seed = Long.getLong("daskjvm.seed", System.nanoTime());
        System.out.println("seed " + seed);
        var random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            var set = new OrderedSet<String>();
            var model = new LinkedHashSet<String>();
            int names = 1 + random.nextInt(14);
            for (int step = 0; step < 40; step++) {
                String name = "n" + random.nextInt(names);
                switch (random.nextInt(10)) {
                    case 0, 1, 2 -> assertThat(set.remove(name)).isEqualTo(model.remove(name));
                    case 3 -> removeWhileIterating(set.iterator(), model.iterator(), random);
                    case 4 -> {
                        if (random.nextInt(20) == 0) {
                            set.clear();
                            model.clear();
                        }
                    }
                    default -> assertThat(set.add(name)).isEqualTo(model.add(name));
                }
                assertThat(new ArrayList<>(set)).isEqualTo(new ArrayList<>(model));
                assertThat(set.size()).isEqualTo(model.size());
                assertThat(set.isEmpty()).isEqualTo(model.isEmpty());
                assertThat(set.contains(name)).isEqualTo(model.contains(name));
            }
        }
    }

    private static void removeWhileIterating(Iterator<String> set, Iterator<String> model, Random random) {
        while (model.hasNext()) {
            assertThat(set.next()).isEqualTo(model.next());
            if (random.nextInt(3) == 0) {
                set.remove();
                model.remove();
            }
        }
        assertThat(set.hasNext()).isFalse();
    }
}
