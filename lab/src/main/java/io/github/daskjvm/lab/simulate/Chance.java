package io.github.daskjvm.lab.simulate;

/// Draws what happens next. Looks at the world only to let messages arrive and tasks end where there are some.
final class Chance {
    private static final Action.Kind[] KINDS = Action.Kind.values();

    private final World world;
    private final Dice dice;
    private final int[] weights = new int[KINDS.length];
    private int sum;
    private int drawn;

    Chance(long seed, World world) {
        this.world = world;
        this.dice = new Dice(seed ^ 0x5DEECE66DL);
        boolean calm = dice.oneIn(4);
        for (int i = 0; i < KINDS.length; i++) {
            int weight = 4 * KINDS[i].weight;
            // No two runs are alike: what is rare in one is common in another.
            weights[i] = dice.oneIn(3) ? weight / 2 + dice.below(2 * weight) : weight;
            if (KINDS[i].weight == 1) {
                weights[i] = dice.oneIn(3) ? 0 : weights[i] / 2;
            }
            if (calm && isRough(KINDS[i])) {
                weights[i] = 0;
            }
            sum += weights[i];
        }
    }

    /// Without these, work piles up, and is moved about.
    private static boolean isRough(Action.Kind kind) {
        return switch (kind) {
            case LEAVE, RETIRE, EXPIRE, KILL, CUT, VANISH, RESTART, RESCHEDULE, FAIL, CANCEL -> true;
            default -> false;
        };
    }

    Action next() {
        int first = drawn++;
        if (first < World.CLIENTS) {
            return new Action(Action.Kind.CONNECT, first, dice.next());
        }
        if (first < World.CLIENTS + world.slots) {
            return new Action(Action.Kind.JOIN, first - World.CLIENTS, dice.next());
        }
        int at = dice.below(sum);
        int kind = 0;
        while (at >= weights[kind]) {
            at -= weights[kind++];
        }
        return new Action(KINDS[kind], slot(KINDS[kind]), dice.next());
    }

    private int slot(Action.Kind kind) {
        int slots = slots(kind);
        int slot = dice.below(slots);
        for (int i = 0; i < slots && !isDue(kind, slot); i++) {
            slot = (slot + 1) % slots;
        }
        return slot;
    }

    private boolean isDue(Action.Kind kind, int slot) {
        return switch (kind) {
            case WORKER_TO_SCHEDULER -> world.workerLinks.get(slot).stream().anyMatch(link -> !link.up.isEmpty());
            case CLIENT_TO_SCHEDULER -> world.clientLinks.get(slot).stream().anyMatch(link -> !link.up.isEmpty());
            case SCHEDULER_TO_CLIENT -> {
                SimClient client = world.clients[slot];
                yield client != null && !client.link.down.isEmpty();
            }
            case SCHEDULER_TO_WORKER, FINISH, FAIL, SECEDE, RESCHEDULE, TRANSFER -> {
                SimWorker worker = world.workers[slot];
                yield worker != null && worker.alive && isDue(kind, worker);
            }
            default -> true;
        };
    }

    private static boolean isDue(Action.Kind kind, SimWorker worker) {
        return switch (kind) {
            case SCHEDULER_TO_WORKER -> !worker.link.down.isEmpty();
            case TRANSFER -> !worker.transfers.isEmpty();
            default -> !worker.runs.isEmpty();
        };
    }

    private int slots(Action.Kind kind) {
        return switch (kind) {
            case CLIENT_TO_SCHEDULER,
                    SCHEDULER_TO_CLIENT,
                    SUBMIT,
                    SHUFFLE,
                    RELEASE,
                    CANCEL,
                    RETRY,
                    DESIRE,
                    FIRE_AND_FORGET,
                    SCATTER,
                    REPORT,
                    CONNECT,
                    VANISH -> World.CLIENTS;
            default -> world.slots;
        };
    }
}
