"""The classes of `java/`, compiled for the JVM workers of tests."""

import os
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def compile_into(folder):
    """Compile all of them. Returns the class path that has them."""
    javac = Path(os.environ["JAVA_HOME"]) / "bin" / "javac" if "JAVA_HOME" in os.environ else "javac"
    sources = map(str, sorted((HERE / "java").rglob("*.java")))
    command = [javac, "-parameters", "-cp", ROOT / "cli" / "target" / "cli.jar", "-d", folder, *sources]
    subprocess.run(list(map(str, command)), check=True)
    return str(folder)
