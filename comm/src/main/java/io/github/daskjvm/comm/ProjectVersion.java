package io.github.daskjvm.comm;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/// This project's version, as its jars say.
public final class ProjectVersion {
    private ProjectVersion() {}

    /// Empty where the classes do not come from a jar.
    public static String get() {
        String file = "/META-INF/maven/io.github.daskjvm/comm/pom.properties";
        try (InputStream in = ProjectVersion.class.getResourceAsStream(file)) {
            var properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "");
        } catch (IOException e) {
            return "";
        }
    }
}
