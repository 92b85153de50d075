package io.github.daskjvm.cli.options;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// The options of one command: what they are called, what `--help` says of them, and how a command line is taken apart.
///
/// The forms are those of Dask's command line: `--name value`, `--name=value`, `--flag`, `--no-flag`. It is written by
/// hand because of what a library costs at each start: picocli's 170 classes, compiled for Java 5, can not be put in
/// an AOT cache, and took half of the time until the scheduler listened.
public final class OptionSet {
    private static final int HELP_COLUMN = 28;
    private static final int HELP_WIDTH = 80;

    private final String command;
    private final List<String> about;
    private final SequencedMap<String, Option> options = new LinkedHashMap<>();
    private @Nullable Option operand;

    /// @param metavar what stands for the value in the help; null for a flag
    /// @param refused why the option has no meaning here; null where it has one
    /// @param repeats whether it may be given several times, and all count
    private record Option(
            String name,
            @Nullable String metavar,
            String help,
            @Nullable String refused,
            boolean repeats) {
        Option(String name, @Nullable String metavar, String help, @Nullable String refused) {
            this(name, metavar, help, refused, false);
        }

        boolean isHidden() {
            return help.isEmpty();
        }
    }

    /// @param command as it is typed, such as `dask-jvm scheduler`
    /// @param about lines that say what the command does
    public OptionSet(String command, String... about) {
        this.command = command;
        this.about = List.of(about);
    }

    /// The command takes one argument that is no option, or none.
    public OptionSet operand(String metavar, String help) {
        operand = new Option(metavar, metavar, help, null);
        return this;
    }

    public OptionSet value(String name, String metavar, String help) {
        return add(new Option(name, metavar, help, null));
    }

    /// An option that may be given several times; all values count, see [Parsed#texts].
    public OptionSet values(String name, String metavar, String help) {
        return add(new Option(name, metavar, help, null, true));
    }

    /// An option without a value. One with an empty help is accepted and not shown.
    public OptionSet flag(String name, String help) {
        return add(new Option(name, null, help, null));
    }

    /// An option that is refused with the reason, whether a value follows or not.
    public OptionSet refused(Map<String, String> reasons) {
        reasons.forEach((name, reason) -> add(new Option(name, null, "", reason)));
        return this;
    }

    private OptionSet add(Option option) {
        options.put(option.name, option);
        return this;
    }

    public String command() {
        return command;
    }

    /// Whether the option is there, if only to be refused with a reason.
    public boolean knows(String name) {
        return options.containsKey(name);
    }

    /// Takes a command line apart. Of an option that is given twice the last one counts, but for those of [#values].
    ///
    /// @throws BadOptionException for an option that there is not, or has no meaning here, or lacks its value
    public Parsed parse(List<String> arguments) {
        var values = new LinkedHashMap<String, String>();
        String given = null;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (!argument.startsWith("-") || argument.equals("-")) {
                if (operand == null || given != null) {
                    throw new BadOptionException("'" + argument + "' is one argument too many");
                }
                given = argument;
                continue;
            }
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            Option option = option(name);
            if (option.metavar == null) {
                if (equals >= 0) {
                    throw new BadOptionException(name + " takes no value");
                }
                values.put(name, "");
            } else if (equals >= 0) {
                put(values, option, argument.substring(equals + 1));
            } else if (++i < arguments.size()) {
                put(values, option, arguments.get(i));
            } else {
                throw new BadOptionException(name + " needs a value, " + option.metavar);
            }
        }
        return new Parsed(values, given);
    }

    private static void put(Map<String, String> values, Option option, String value) {
        if (option.repeats) {
            values.merge(option.name, value, (before, next) -> before + Parsed.SEPARATOR + next);
        } else {
            values.put(option.name, value);
        }
    }

    private Option option(String name) {
        Option option = options.get(name);
        if (option == null) {
            throw new BadOptionException("there is no option " + name);
        }
        if (option.refused != null) {
            throw new BadOptionException(name + " has no meaning here: " + option.refused);
        }
        return option;
    }

    /// What `--help` prints.
    public String help() {
        var help = new StringBuilder("Usage: ").append(command);
        help.append(options.isEmpty() ? " COMMAND" : " [OPTIONS]");
        help.append(operand == null ? "" : " [" + operand.name + "]").append("\n\n");
        about.forEach(line -> help.append(line).append('\n'));
        help.append('\n');
        if (operand != null) {
            append(help, operand.name, operand.help);
        }
        for (Option option : options.values()) {
            if (!option.isHidden()) {
                append(help, option.metavar == null ? option.name : option.name + " " + option.metavar, option.help);
            }
        }
        append(help, "--version", "Print the version and exit.");
        append(help, "--help", "Print this and exit.");
        return help.toString();
    }

    /// The option's form in the left column, its help wrapped in the right one.
    private static void append(StringBuilder help, String form, String text) {
        String left = "  " + form;
        help.append(left);
        int column = left.length();
        if (column >= HELP_COLUMN) {
            help.append('\n');
            column = 0;
        }
        help.append(" ".repeat(HELP_COLUMN - column));
        column = HELP_COLUMN;
        for (String word : wordsOf(text)) {
            if (column > HELP_COLUMN && column + 1 + word.length() > HELP_WIDTH) {
                help.append('\n').append(" ".repeat(HELP_COLUMN));
                column = HELP_COLUMN;
            }
            if (column > HELP_COLUMN) {
                help.append(' ');
                column++;
            }
            help.append(word);
            column += word.length();
        }
        help.append('\n');
    }

    private static List<String> wordsOf(String text) {
        var words = new ArrayList<String>();
        for (String word : text.split(" ", -1)) {
            words.add(word);
        }
        return words;
    }
}
