package io.github.daskjvm.lab.simulate;

import io.github.daskjvm.core.model.WorkerStatus;
import io.github.daskjvm.core.scheduler.Retirement;
import java.util.List;

/// How a world comes to rest.
final class Settling {
    private static final int ROUNDS_MAX = 2_000;
    /// Done in one round, at most.
    private static final int SLICES = 50;

    private final World world;

    Settling(World world) {
        this.world = world;
    }

    /// The network heals, everybody comes back and does what there is to do, until nothing happens any more.
    void run() {
        var dice = new Dice(0);
        int quiet = 0;
        for (int round = 0; quiet < 6; round++) {
            if (round > ROUNDS_MAX) {
                throw new Finding("ComesToRest", "something still happens after " + round + " rounds");
            }
            boolean moved = false;
            for (List<Link> links : world.workerLinks) {
                moved |= world.read(links, Integer.MAX_VALUE);
                world.flush();
            }
            for (List<Link> links : world.clientLinks) {
                moved |= world.read(links, Integer.MAX_VALUE);
                world.flush();
            }
            while (!world.calls.isEmpty()) {
                moved = true;
                world.call(0);
                world.flush();
            }
            for (int slot = 0; slot < world.slots; slot++) {
                moved |= settle(slot, dice);
            }
            for (SimClient client : world.clients) {
                if (client != null && !client.link.down.isEmpty()) {
                    moved = true;
                    client.receive(Integer.MAX_VALUE);
                }
            }
            for (int slice = 0; slice < SLICES && world.scheduler.isInSlices(); slice++) {
                moved = true;
                world.pass(1_000);
            }
            if (moved) {
                quiet = 0;
                world.pass(1_000_000);
            } else {
                quiet++;
                world.pass(1_100_000_000L);
            }
        }
    }

    private boolean settle(int slot, Dice dice) {
        SimWorker worker = world.workers[slot];
        if (worker == null || !worker.alive) {
            world.join(slot);
            return true;
        }
        boolean moved = !worker.link.down.isEmpty() || !worker.isQuiet();
        worker.receive(Integer.MAX_VALUE, true);
        worker.pause(false);
        for (int i = 2 * worker.transfers.size(); i > 0; i--) {
            worker.transfer(dice, true);
        }
        for (int i = worker.runs.size(); i > 0; i--) {
            worker.finish(dice);
        }
        if (!moved && worker.isRetiring() && world.scheduler.retirement(worker.address) != Retirement.MOVING) {
            worker.leave(WorkerStatus.CLOSING);
            return true;
        }
        return moved;
    }
}
