package io.github.daskjvm.worker.actor;

/// What a task returns that makes an actor: the worker keeps the object, and has an [ActorReference] for the task's
/// result.
///
/// @param type the interface by which it is called
/// @param object implements it
public record NewActor(Class<?> type, Object object) {}
