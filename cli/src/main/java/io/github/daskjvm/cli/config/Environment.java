package io.github.daskjvm.cli.config;

import io.github.daskjvm.monitoring.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Configuration from environment variables: `DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=0` sets
/// `distributed.scheduler.allowed-failures`. Values are Python literals, else the text itself
/// (`dask.config.collect_env`).
final class Environment {
    private static final String PREFIX = "DASK_";

    /// What a Dask process hands down to those it starts: a JSON object in URL-safe base 64.
    private static final String INHERITED = "DASK_INTERNAL_INHERIT_CONFIG";

    private Environment() {}

    /// @throws ConfigException when the inherited configuration can not be read
    static Node.Branch read(Map<String, String> variables) {
        var tree = new Node.Branch();
        String inherited = variables.get(INHERITED);
        if (inherited != null) {
            decode(inherited).forEach((key, value) -> set(tree, key, value, "the variable " + INHERITED));
        }
        variables.forEach((name, text) -> {
            if (name.startsWith(PREFIX) && !name.equals(INHERITED)) {
                String path =
                        name.substring(PREFIX.length()).toLowerCase(Locale.ROOT).replace("__", ".");
                set(tree, path, interpret(text), "the variable " + name);
            }
        });
        return tree;
    }

    /// A Python literal, else one of YAML's words in any case, else the text.
    static @Nullable Object interpret(String text) {
        var literal = PythonLiteral.parse(text);
        if (literal.isPresent()) {
            return literal.get().value();
        }
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "none", "null" -> null;
            case "true" -> true;
            case "false" -> false;
            default -> text;
        };
    }

    private static void set(Node.Branch tree, String path, @Nullable Object value, String source) {
        String[] names = path.split("\\.");
        if (names.length > 0) {
            tree.set(names, Node.Branch.ofValue(value, source));
        }
    }

    private static Map<String, @Nullable Object> decode(String inherited) {
        try {
            byte[] json = Base64.getUrlDecoder().decode(inherited);
            return Json.readObject(new String(json, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException | IOException e) {
            throw new ConfigException("the variable " + INHERITED
                    + " holds no configuration: it must be a JSON object in URL-safe base 64, as Dask writes it");
        }
    }
}
