package io.github.daskjvm.monitoring.aggregate;

/// One line of a metrics page.
///
/// @param labels what stands between the braces, escaped as it is printed; may be empty
/// @param value as it is printed
record Sample(String name, String labels, String value) {
    /// The same with a label before the others.
    Sample with(String label) {
        return new Sample(name, labels.isEmpty() ? label : label + "," + labels, value);
    }
}
