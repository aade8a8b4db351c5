"""Packs the folder of a stopped server, for tests/folders."""
import os
import shutil
import tarfile


def pack(project, path):
    """Writes `project` to the archive at `path`, without what a run of the server leaves beside its data."""
    run_folder = project / ".steelthread/run"
    shutil.rmtree(run_folder, ignore_errors=True)
    run_folder.mkdir()
    os.chmod(run_folder, 0o700)
    for log in project.glob("*.log"):
        log.unlink()
    path.parent.mkdir(exist_ok=True)
    with tarfile.open(path, "w:xz") as out:
        out.add(project, ".")
