"""Java tasks and JVM workers from Python's Dask: see `java` and `JvmCluster`."""

from dask_jvm.cluster import JvmCluster
from dask_jvm.functions import JavaFunction, java

__all__ = ["JavaFunction", "JvmCluster", "java"]
