"""What trino_home.py takes for a Trino and for a Java that runs it."""
import pytest

import trino_home


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine without Java and Trino."""
    monkeypatch.setattr(trino_home, "JAVAS", tmp_path / "jvm")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("ST_TRINO", str(tmp_path / "trino"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    return tmp_path


def add_java(folder, version):
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/java").touch()
    (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n')


def add_trino(folder):
    (folder / "plugin/iceberg").mkdir(parents=True)
    (folder / "lib").mkdir()
    (folder / "lib/io.trino_trino-main-476.jar").touch()


def test_a_server_with_its_plugin_is_found(machine):
    assert trino_home.why_not().startswith("no Trino: tools/setup --trino")
    add_trino(machine / "trino")
    assert trino_home.server() == machine / "trino" and trino_home.version(machine / "trino") == "476"
    (machine / "trino/plugin/iceberg").rmdir()
    assert trino_home.server() is None


def test_the_newest_java_runs_it_and_an_old_one_does_not(machine, monkeypatch):
    add_trino(machine / "trino")
    assert "the newest here is 0" in trino_home.why_not()
    add_java(machine / "jvm/old", "17.0.15")
    assert "Java 24 or newer; the newest here is 17" in trino_home.why_not()
    add_java(machine / "other", "24")
    monkeypatch.setenv("JAVA_HOME", str(machine / "other"))
    assert trino_home.why_not() == "" and trino_home.newest_java() == (machine / "other", 24)
    add_java(machine / "jvm/new", "25.0.3")
    assert trino_home.newest_java() == (machine / "jvm/new", 25)
