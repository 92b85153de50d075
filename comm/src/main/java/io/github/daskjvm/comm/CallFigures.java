package io.github.daskjvm.comm;

import java.util.List;

/// What was done for operations since the start.
///
/// @param ops those that were called, in no order; of more than a bound, and of unknown ones, the figures are together
///     under [OpMeter#OTHER]
/// @param others how many operations that is, as far as they are counted
public record CallFigures(List<OpFigures> ops, int others) {
    public static final CallFigures NONE = new CallFigures(List.of(), 0);
}
