package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.Runtime;
import io.github.daskjvm.core.model.TaskKey;

/// The keys there may be in a world; few, so that they meet.
final class Names {
    static final int KEYS = 240;
    static final String[] PREFIXES = {"root-", "mid-", "end-"};
    private static final int DATA_KEYS = 12;
    /// In a world of both runtimes every so many keys are of the JVM.
    private static final int JVM_KEYS = 5;

    private static final TaskKey[] NAMES = new TaskKey[KEYS];
    private static final TaskKey[] DATA = new TaskKey[DATA_KEYS];

    static {
        for (int i = 0; i < KEYS; i++) {
            NAMES[i] = TaskKey.of(PREFIXES[i % PREFIXES.length] + i);
        }
        for (int i = 0; i < DATA_KEYS; i++) {
            DATA[i] = TaskKey.of("data-" + i);
        }
    }

    private Names() {}

    static TaskKey task(int number) {
        return NAMES[number];
    }

    /// The runtime of the task of that number, in a world of both.
    static Runtime runtime(int number) {
        return number % JVM_KEYS == JVM_KEYS - 1 ? Runtime.JVM : Runtime.PYTHON;
    }

    /// Data that clients place.
    static TaskKey data(Dice dice) {
        return DATA[dice.below(DATA_KEYS)];
    }

    static boolean isData(TaskKey key) {
        return key.toString().startsWith("data-");
    }
}
