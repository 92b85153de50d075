package io.github.daskjvm.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The package in `python/`, installed by its path.
class PythonPackageTest {
    private static final String ARROW_DASK =
            Path.of("arrow-dask").toAbsolutePath().toString();

    private static final String SHOW = """
            import importlib.metadata as metadata, inspect, typing
            import dask_jvm
            from dask_jvm import calls, cluster, credentials, functions, kinds, processes
            print(metadata.version("dask-jvm"), *sorted(metadata.requires("dask-jvm")))
            print(metadata.metadata("dask-jvm")["Summary"])
            bare = []
            for module in (calls, cluster, credentials, functions, kinds, processes):
                for owner in [module, *vars(module).values()]:
                    if owner is module or inspect.isclass(owner) and owner.__module__ == module.__name__:
                        for name, each in vars(owner).items():
                            if inspect.isfunction(each) and each.__module__ == module.__name__:
                                hints = typing.get_type_hints(each)
                                arguments = set(inspect.signature(each).parameters) - {"self"}
                                if not arguments | {"return"} <= hints.keys():
                                    bare.append(f"{module.__name__}.{name}")
            print("without types:", *bare)
            print(dask_jvm.__file__)
            """;

    @Test
    void itIsInstalledByItsPathWithMetadataAndTypes(@TempDir Path folder) throws Exception {
        assumeTrue(StockDask.isBesideArrow(), "stock Dask beside pyarrow is not there, nor pip perhaps");
        Path source = folder.resolve("source"); // what setuptools leaves beside it goes with it
        run(folder, List.of("cp", "-r", Path.of("../python").toAbsolutePath().toString(), source.toString()));
        Path installed = folder.resolve("installed");
        String python = run(folder, List.of(ARROW_DASK, "run", "sh", "-c", "command -v python"))
                .strip();
        String said = run(
                folder,
                List.of(
                        "python3",
                        "-m",
                        "pip",
                        "--python",
                        python,
                        "install",
                        "--quiet",
                        "--no-index",
                        "--no-deps",
                        "--no-build-isolation",
                        "--target",
                        installed.toString(),
                        source.toString()));
        assertThat(installed.resolve("dask_jvm/py.typed")).as(said).exists();

        List<String> lines = run(
                        folder,
                        List.of(
                                Path.of("arrow-dask").toAbsolutePath().toString(),
                                "run",
                                "env",
                                "PYTHONPATH=" + installed,
                                "python",
                                "-c",
                                SHOW))
                .lines()
                .toList();
        assertThat(lines)
                .startsWith(
                        "0.1.0 dask>=2024.12.1 distributed>=2024.12.1", "Java tasks and JVM workers from Python's Dask")
                .endsWith(
                        "without types:",
                        installed.resolve("dask_jvm/__init__.py").toString());
    }

    private static String run(Path folder, List<String> command) throws IOException, InterruptedException {
        Path log = folder.resolve("output.log");
        Process process = JvmCluster.launch(command, log);
        boolean ended = process.waitFor(2, TimeUnit.MINUTES);
        process.destroy();
        assertThat(ended).as("%s ends", command).isTrue();
        return Files.readString(log);
    }
}
