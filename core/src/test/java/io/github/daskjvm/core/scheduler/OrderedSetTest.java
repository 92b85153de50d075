package io.github.daskjvm.core.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OrderedSetTest {
    private final List<ClientEntry> items = Stream.iterate(0, i -> i + 1)
            .limit(40)
            .map(i -> new ClientEntry("c" + i))
            .toList();

    @Test
    void isASetInOrderOfInsertionWhateverIsDoneWithIt() {
        long seed = Long.getLong("daskjvm.seed", System.nanoTime());
        System.out.println("seed " + seed);
        var random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            OrderedSet<ClientEntry> set = OrderedSet.none();
            var model = new LinkedHashSet<ClientEntry>();
            int different = 1 + random.nextInt(items.size());
            int removals = random.nextInt(10);
            for (int step = 0; step < 60; step++) {
                ClientEntry item = items.get(random.nextInt(different));
                if (random.nextInt(10) < removals) {
                    set = set.without(item);
                    model.remove(item);
                } else {
                    set = set.with(item);
                    model.add(item);
                }
                assertThat(new ArrayList<>(set)).isEqualTo(new ArrayList<>(model));
                assertThat(set.size()).isEqualTo(model.size());
                assertThat(set.isEmpty()).isEqualTo(model.isEmpty());
                assertThat(set.contains(item)).isEqualTo(model.contains(item));
            }
        }
    }

    @Test
    void setsOfNoneOrOneAreShared() {
        ClientEntry a = items.getFirst();
        ClientEntry b = items.getLast();
        OrderedSet<ClientEntry> none = OrderedSet.none();
        OrderedSet<ClientEntry> two = none.with(a).with(b);

        assertThat(none.with(a)).isSameAs(a.alone());
        assertThat(two.without(a)).isSameAs(b.alone());
        assertThat(b.alone().without(b)).isSameAs(none);
        assertThat(a.alone()).containsExactly(a);
    }

    @Test
    void setsOfTheSameTwoCanBeOne() {
        ClientEntry a = items.getFirst();
        ClientEntry b = items.getLast();
        ClientEntry c = items.get(1);
        OrderedSet<ClientEntry> two = a.alone().with(b);
        OrderedSet<ClientEntry> same = a.alone().with(b);

        assertThat(same.orSame(two)).isSameAs(two);
        assertThat(b.alone().with(a).orSame(two)).containsExactly(b, a);
        assertThat(a.alone().orSame(two)).containsExactly(a);
        assertThat(two.with(c)).containsExactly(a, b, c);
        assertThat(two.without(a)).containsExactly(b);
        assertThat(two).containsExactly(a, b);
    }

    @Test
    void isNotChangedInPlace() {
        OrderedSet<ClientEntry> none = OrderedSet.none();
        ClientEntry a = items.getFirst();

        assertThatThrownBy(() -> none.add(a)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> a.alone().remove(a)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> a.alone().clear()).isInstanceOf(UnsupportedOperationException.class);
    }
}
