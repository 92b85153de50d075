package crossing;

import java.util.List;
import java.util.function.Function;

/// A function that is a class: the mean of a list of numbers.
public final class Fn implements Function<List<? extends Number>, Double> {
    @Override
    public Double apply(List<? extends Number> numbers) {
        return numbers.stream().mapToDouble(Number::doubleValue).average().orElseThrow();
    }
}
