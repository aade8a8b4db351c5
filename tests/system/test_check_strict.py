"""`check --strict` ends as its exit code says."""
import json


def test_strict_does_not_end_with_ok(server):
    (server.project / "events/e.yaml").write_text("")
    plain = server.run("check")
    assert plain.returncode == 0 and plain.stdout.splitlines()[-1].startswith("ok: ")
    strict = server.run("check", "--strict")
    assert strict.returncode == 1
    assert strict.stdout.splitlines()[-1].startswith("refused by --strict: ")
    report = json.loads(server.run("check", "--strict", "--format", "json").stdout)
    assert report["ok"] is False and report["warnings"]
