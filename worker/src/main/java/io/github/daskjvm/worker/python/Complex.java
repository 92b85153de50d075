package io.github.daskjvm.worker.python;

import java.io.Serializable;

/// A complex number: Python's `complex`, NumPy's `complex64` and `complex128`. Two are equal by [Double#compare].
public record Complex(double re, double im) implements Serializable {
    /// As Python has it, but for the brackets: `1.5-2.0j`.
    @Override
    public String toString() {
        return re + (Double.doubleToRawLongBits(im) < 0 && !Double.isNaN(im) ? "" : "+") + im + "j";
    }
}
