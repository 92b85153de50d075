package io.github.daskjvm.worker.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramVersionTest {
    @TempDir
    Path folder;

    private Path jar(String name, String content, long time, String classPath) throws IOException {
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        if (!classPath.isEmpty()) {
            manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classPath);
        }
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        try (var out = new JarOutputStream(Files.newOutputStream(file), manifest)) {
            out.putNextEntry(new JarEntry("a.txt").setLastModifiedTime(FileTime.fromMillis(time)));
            out.write(content.getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    @Test
    void aJarIsKnownByItsContentAndNotByItsAge() throws IOException {
        var before =
                ProgramVersion.jars(jar("a.jar", "one", 1_000_000_000_000L, "").toString());
        var later =
                ProgramVersion.jars(jar("a.jar", "one", 1_500_000_000_000L, "").toString());
        var other =
                ProgramVersion.jars(jar("a.jar", "two", 1_000_000_000_000L, "").toString());

        assertThat(before).containsOnlyKeys("a.jar").isEqualTo(later).isNotEqualTo(other);
        assertThat(before.get("a.jar")).matches("[0-9a-f]{8}");
    }

    @Test
    void jarsThatAManifestNamesBelongToTheClassPathAndWhatIsNoJarDoesNot() throws IOException {
        jar("lib/b.jar", "b", 0, "");
        Path first = jar("a.jar", "a", 0, "lib/b.jar lib/absent.jar");
        Path text = Files.writeString(folder.resolve("text.jar"), "no jar");

        assertThat(ProgramVersion.jars(String.join(
                        java.io.File.pathSeparator,
                        first.toString(),
                        text.toString(),
                        folder.toString(),
                        folder.resolve("gone.jar").toString())))
                .containsOnlyKeys("a.jar", "b.jar");
    }

    @Test
    void classesThatTheClassPathHasInAnotherVersionAreNamed() throws IOException {
        ClassLoader loader = ProgramVersionTest.class.getClassLoader();
        String same = JarFiles.class.getName();
        Path file = folder.resolve("both.jar");
        try (var out = new JarOutputStream(Files.newOutputStream(file));
                var own = loader.getResourceAsStream(same.replace('.', '/') + ".class")) {
            out.putNextEntry(new JarEntry(same.replace('.', '/') + ".class"));
            out.write(own.readAllBytes());
            out.putNextEntry(new JarEntry(TaskCall.class.getName().replace('.', '/') + ".class"));
            out.write(1);
            out.putNextEntry(new JarEntry("acme/Absent.class"));
        }

        assertThat(JarFiles.hidden(Files.readAllBytes(file), loader)).containsExactly(TaskCall.class.getName());
        assertThat(JarFiles.hidden(Files.readAllBytes(file), null)).isEmpty();
    }
}
