package io.github.daskjvm.monitoring.aggregate;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The bytes of a body, each taken off a budget that several bodies share. When it is used up the body fails, its
/// connection is closed, and what it had taken is there for the others.
final class BudgetedBody implements BodySubscriber<byte[]> {
    private final BodySubscriber<byte[]> bytes = BodySubscribers.ofByteArray();
    private final AtomicLong budget;
    private long taken;
    private Flow.@Nullable Subscription subscription;

    BudgetedBody(AtomicLong budget) {
        this.budget = budget;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return bytes.getBody();
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        bytes.onSubscribe(given);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        long length = 0;
        for (ByteBuffer buffer : buffers) {
            length += buffer.remaining();
        }
        taken += length;
        if (budget.addAndGet(-length) >= 0) {
            bytes.onNext(buffers);
        } else if (subscription != null) {
            subscription.cancel();
            onError(new IOException("the pages of all workers together are too large"));
        }
    }

    @Override
    public void onError(Throwable failure) {
        budget.addAndGet(taken);
        taken = 0;
        bytes.onError(failure);
    }

    @Override
    public void onComplete() {
        bytes.onComplete();
    }
}
