package io.github.daskjvm.lab.simulate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A run as text: `seed N`, then an action a line; lines that begin with `#` are for people.
record ScriptFile(long seed, List<Action> script) {

    static ScriptFile read(Path file) throws IOException {
        return parse(Files.readAllLines(file));
    }

    static ScriptFile parse(List<String> lines) {
        long seed = 0;
        List<Action> script = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith("seed ")) {
                seed = Long.parseLong(line.substring("seed ".length()).strip());
            } else if (!line.isBlank() && !line.startsWith("#")) {
                script.add(Action.parse(line));
            }
        }
        return new ScriptFile(seed, script);
    }

    String text() {
        var text = new StringBuilder("seed ").append(seed).append('\n');
        script.forEach(action -> text.append(action).append('\n'));
        return text.toString();
    }
}
