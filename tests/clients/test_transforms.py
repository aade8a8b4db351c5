"""The recorded answers of PyIceberg's partition transforms are those of the PyIceberg of the tests.

base_test compares our transforms with the recording.
"""
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def test_the_recording_is_that_of_this_pyiceberg():
    made = subprocess.run([sys.executable, HERE / "record_transforms.py", "-"], check=True,
                          capture_output=True, text=True).stdout
    recorded = HERE.parents[1] / "src/base/testdata/pyiceberg_transforms.txt"
    assert made == recorded.read_text(encoding="ascii")
