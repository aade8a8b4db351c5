"""kill -9 again and again, while clients go on."""
import pathlib
import threading

from conftest import DEADLINE_S


def kill_while_playing(server, play, clients, cycles, stop):
    """Runs `play(number)` on so many threads until `stop`, which is set after the last start."""
    threads = [threading.Thread(target=play, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        for cycle in range(cycles):
            stop.wait(0.15 + 0.05 * (cycle % 4))
            server.kill9()
            server.start()
    finally:
        stop.wait(0.2)
        stop.set()
        for thread in threads:
            thread.join(DEADLINE_S)


def workers(server):
    """Process ids of the SQL workers, children of whichever thread started them."""
    found = []
    for task in pathlib.Path(f"/proc/{server.process.pid}/task").iterdir():
        try:
            found += [int(pid) for pid in (task / "children").read_text().split()]
        except OSError:
            pass
    return found
