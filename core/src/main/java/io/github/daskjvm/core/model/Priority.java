package io.github.daskjvm.core.model;

/// When a task runs relative to others: smaller comes first, compared field by field. On the wire an array of
/// these three numbers.
///
/// @param user the negated `priority=` of the user
/// @param generation counts submissions; earlier ones come first; a fraction for what tasks submit themselves
/// @param order the place within its graph
public record Priority(double user, double generation, long order) implements Comparable<Priority> {
    @Override
    public int compareTo(Priority other) {
        int byUser = Double.compare(user, other.user);
        if (byUser != 0) {
            return byUser;
        }
        int byGeneration = Double.compare(generation, other.generation);
        return byGeneration != 0 ? byGeneration : Long.compare(order, other.order);
    }
}
