"""Finds a Trino server to start, and a Java that runs it.

The server is what `tools/setup --trino` puts into .deps/trino, or any unpacked io.trino:trino-server-core
that the variable ST_TRINO names. The Java is that of JAVA_HOME, or of the path, or one below
/usr/lib/jvm; the newest of them counts.
"""
import os
import pathlib
import re
import shutil

JAVA_VERSION = 24  # the oldest that Trino 476 starts with
JAVAS = pathlib.Path("/usr/lib/jvm")
DEPS = pathlib.Path(__file__).resolve().parents[2] / ".deps"


def java_version(home):
    """What the file `release` of a Java says, as 25; 0 where there is none."""
    release = home / "release"
    found = re.search(r'^JAVA_VERSION="(\d+)', release.read_text(), re.M) if release.exists() else None
    return int(found.group(1)) if found and (home / "bin/java").exists() else 0


def newest_java():
    """(folder, version); the version is 0 where no Java is found."""
    homes = [pathlib.Path(os.environ[name]) for name in ("JAVA_HOME",) if os.environ.get(name)]
    if program := shutil.which("java"):
        homes.append(pathlib.Path(program).resolve().parents[1])
    homes += sorted(JAVAS.glob("*/"))
    return max(((home, java_version(home)) for home in homes), key=lambda pair: pair[1],
               default=(None, 0))


def server():
    """The folder of the server; None where there is none."""
    folder = pathlib.Path(os.environ.get("ST_TRINO") or DEPS / "trino").resolve()
    return folder if (folder / "plugin/iceberg").is_dir() and version(folder) else None


def version(folder):
    """As "476"; "" where the folder has no Trino."""
    jars = [re.search(r"trino-main-(\d+)\.jar", jar.name) for jar in folder.glob("lib/*trino-main-*.jar")]
    return jars[0].group(1) if jars else ""


def why_not():
    """Why no Trino can be started here, as a sentence; "" where one can."""
    if server() is None:
        return "no Trino: tools/setup --trino fetches half a gigabyte, or ST_TRINO names an unpacked server"
    home, java = newest_java()
    if java < JAVA_VERSION:
        return f"Trino wants Java {JAVA_VERSION} or newer; the newest here is {java} ({home})"
    return ""
