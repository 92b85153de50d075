package io.github.daskjvm.lab.simulate;

/// Something that should hold in a simulation does not.
final class Finding extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String rule;

    /// @param rule name of what should hold
    Finding(String rule, String found) {
        super(rule + ": " + found);
        this.rule = rule;
    }

    String rule() {
        return rule;
    }
}
