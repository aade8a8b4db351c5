"""What an attack aims at, and the list that attacks enter themselves in."""
import dataclasses
import time

from flood import Flood, Tally
from kafka_wire import Closed, Connection

ATTACKERS = [f"127.0.{net}.{last}" for net in range(2) for last in range(2, 250)]
WIDE = 1024  # partitions of the topic that amplifies


@dataclasses.dataclass
class Target:
    """The server as an attack sees it; `notes` go from prepare() to check()."""
    endpoints: dict
    server: object
    sources: list
    notes: dict = dataclasses.field(default_factory=dict)

    def kafka(self, timeout=30):
        return Connection(self.endpoints["kafka"], self.sources[0], timeout)

    def flood(self, part, connections, script, until, **options):
        return Flood(self.endpoints[part], self.sources, connections, script, **options).run(until)

    def make_topic(self, name, partitions=1):
        """Error code of the last try: fewer partitions where so many are refused."""
        line = self.kafka()
        try:
            while (code := line.create_topic(name, partitions)) not in (0, 36) and partitions > 1:
                partitions //= 2
            self.notes[name] = partitions
            return code
        finally:
            line.close()


@dataclasses.dataclass(frozen=True)
class Attack:
    """One way to try a row, in a loop.

    connections: what the row needs; open_files: RLIMIT_NOFILE of the server, 0: as it is.
    addresses: from 127.0.0.2 on, as many.
    errors_allowed: why a measured client may be refused (then only what was acknowledged counts).
    """
    row: str
    name: str
    what: str
    connections: int
    run: object
    prepare: object = None
    check: object = None
    addresses: int = 1
    open_files: int = 0
    errors_allowed: str = ""


ATTACKS = []


def attack(row, name, connections=0, **options):
    """Enters a function(target, until) -> Tally; its docstring says what it does."""
    def enter(run):
        what = " ".join(run.__doc__.split())
        ATTACKS.append(Attack(row, name, what, connections, run, **options))
        return run
    return enter


def repeat(target, until, request):
    """Calls request(connection) on one connection after the other, as fast as it goes."""
    tally, line = Tally(), None
    while time.monotonic() < until:
        try:
            if line is None:
                line = target.kafka()
                tally.opened += 1
            request(line)
            tally.payloads += 1
        except (OSError, Closed) as error:
            tally.closed += 1
            tally.notes[type(error).__name__] += 1
            line = None
            time.sleep(0.05)
    if line:
        line.close()
    return tally
