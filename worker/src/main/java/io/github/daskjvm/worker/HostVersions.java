package io.github.daskjvm.worker;

import io.github.daskjvm.worker.task.ProgramVersion;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/// The `versions` map: the machine as Dask describes it, no Python packages, which clients accept, and besides the
/// [ProgramVersion] under `jvm`.
final class HostVersions {
    private HostVersions() {}

    static Map<String, Object> map() {
        var host = new LinkedHashMap<String, Object>();
        host.put("python", "");
        host.put("java", System.getProperty("java.version", ""));
        host.put("python-bits", 64);
        host.put("OS", System.getProperty("os.name", ""));
        host.put("OS-release", System.getProperty("os.version", ""));
        host.put("machine", System.getProperty("os.arch", ""));
        host.put("processor", "");
        host.put("byteorder", ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? "little" : "big");
        host.put("LC_ALL", System.getenv().getOrDefault("LC_ALL", "None"));
        host.put("LANG", System.getenv().getOrDefault("LANG", "None"));
        return Map.of("host", host, "packages", Map.of(), "jvm", ProgramVersion.own());
    }
}
