package io.github.daskjvm.client;

import io.github.daskjvm.worker.actor.NewActor;
import io.github.daskjvm.worker.task.SerializableVarFunction;
import io.github.daskjvm.worker.task.TaskCall;
import io.github.daskjvm.worker.task.TaskContext;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The function of a task that makes an actor.
///
/// @param type the name of its interface
/// @param constructor as for [TaskCall]
record ActorMaker(String type, Serializable constructor) implements SerializableVarFunction<NewActor> {
    @Override
    public NewActor apply(List<@Nullable Object> arguments) throws Exception {
        Object made = TaskCall.invoke(constructor, arguments);
        if (made == null) {
            throw new IllegalStateException("the constructor of an actor returned null");
        }
        return new NewActor(
                Class.forName(type, false, TaskContext.current().services().loader()), made);
    }
}
