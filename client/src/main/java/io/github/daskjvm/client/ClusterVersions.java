package io.github.daskjvm.client;

import io.github.daskjvm.worker.task.ProgramVersion;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which versions the programs of a cluster are of.
///
/// @param client this process
/// @param scheduler serializers and jars are not its business and empty
/// @param workers the JVM workers, by address
/// @param differences a table of what differs, empty if nothing does
public record ClusterVersions(Program client, Program scheduler, Map<String, Program> workers, String differences) {

    /// One program's.
    ///
    /// @param java the JDK's version, `25.0.1+8`
    /// @param daskJvm of this project; empty where it does not run from a jar
    /// @param serializers numbers of the forms that values are written in, by serializer
    /// @param jars what tells them apart, by file name: a checksum of the names, sizes and checksums of a jar's
    ///     entries
    public record Program(String java, String daskJvm, Map<String, Integer> serializers, Map<String, String> jars) {

        static Program of(@Nullable Object versions) {
            Map<?, ?> program =
                    versions instanceof Map<?, ?> map && map.get("jvm") instanceof Map<?, ?> jvm ? jvm : Map.of();
            Map<String, Integer> serializers = new LinkedHashMap<>();
            entries(program, "serializers").forEach((name, form) -> {
                if (form instanceof Number number) {
                    serializers.put(String.valueOf(name), number.intValue());
                }
            });
            Map<String, String> jars = new LinkedHashMap<>();
            entries(program, "jars").forEach((name, hash) -> jars.put(String.valueOf(name), String.valueOf(hash)));
            return new Program(text(program, "java"), text(program, "dask-jvm"), serializers, jars);
        }

        private static Map<?, ?> entries(Map<?, ?> program, String key) {
            return program.get(key) instanceof Map<?, ?> map ? map : Map.of();
        }

        private static String text(Map<?, ?> program, String key) {
            return program.get(key) instanceof String text ? text : "";
        }
    }

    static ClusterVersions ask(ClusterCode.Calls scheduler) throws IOException {
        Map<String, Object> own = Map.of("jvm", ProgramVersion.own());
        Object reply = scheduler.call(Map.of("op", "jvm_versions", "versions", own));
        Map<?, ?> map = reply instanceof Map<?, ?> answer ? answer : Map.of();
        Map<String, Program> workers = new LinkedHashMap<>();
        if (map.get("workers") instanceof Map<?, ?> all) {
            all.forEach((address, versions) -> workers.put(String.valueOf(address), Program.of(versions)));
        }
        return new ClusterVersions(
                Program.of(own),
                Program.of(map.get("scheduler")),
                workers,
                map.get("differences") instanceof String text ? text : "");
    }
}
