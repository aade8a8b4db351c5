#!/usr/bin/env python3
"""Groups of 1,000 members, of the classic protocol and of the new one: how long a rebalance takes, and what heartbeats
cost.

    python3 bench/groups.py    needs make, tools/setup --tests; writes bench/results/kafka.md
    python3 bench/groups.py --members 100 --seconds 5 --dry    a quick look, writes nothing

The members are connections of the Go program tests/clients/franz_go, on the same cores as the server. Ends with
status 1 where a figure misses its target.
"""
import argparse
import pathlib
import statistics
import sys
import tempfile

sys.path.append(sys.path.pop(0))  # the library's `http` comes before bench/http.py

from shared.results_block import replace_block
from shared.server import Server

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "tests"))
import go_program  # noqa: E402

BINARY = ROOT / "build/release/steelthread"
RESULTS = ROOT / "bench/results/kafka.md"
BEGIN, END = "<!-- bench/groups.py begins -->", "<!-- bench/groups.py ends -->"
REBALANCE_S = 2.0
HEARTBEAT_CORE = 3.0  # percent
DEADLINE_S = 300


def measure(command, members, seconds):
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as project:
        server = Server(BINARY, project)
        try:
            return go_program.run(command, server.endpoints["kafka"], str(server.process.pid),
                                  str(members), str(seconds), deadline_s=DEADLINE_S + seconds)
        finally:
            server.stop()


def table(args, saw, rebalanced):
    times = sorted(saw["RebalanceSeconds"])
    median, p99, largest = saw["HeartbeatMillis"]
    rate, core = saw["HeartbeatsPerSecond"], saw["HeartbeatCPUPercent"]
    return f"""| | median | range | wanted |
|---|---|---|---|
| rebalance, from the leave or join until {rebalanced} | {statistics.median(times):.2f} s | \
{times[0]:.2f} to {times[-1]:.2f} s | {REBALANCE_S:.0f} s at most |
| the server's processor time for {rate:.0f} heartbeats a second, in {args.seconds} s | {core:.1f} % of a core, \
{core * 1e4 / rate:.0f} us each | | {HEARTBEAT_CORE:.0f} % at most |
| answer to a heartbeat | {median:.2f} ms | p99 {p99:.2f} ms, largest {largest:.2f} ms | |
"""


def report(args, classic, new):
    rate = classic["HeartbeatsPerSecond"]
    return f"""## A group of {args.members:,} members

    python3 bench/groups.py

Each member has a connection. {len(classic["RebalanceSeconds"])} rebalances, in turns of a member that leaves and one that
joins. Two cores, shared with the members and whatever else ran.

Classic members, with a session time-out of 10 s and a heartbeat each 3 s, as Kafka's clients send them:

{table(args, classic, "each member has its new assignment")}
In a rebalance the members learn of it at once. Clients learn of it with their next heartbeat, so theirs takes up to one
interval longer. The first rebalance, of a group that was empty, took {classic["JoinSeconds"]:.1f} s: it waits for
`group.initial_rebalance_delay_ms` (3 s), and once more where members came meanwhile.

Estimate from first principles: a heartbeat is a wake-up, a read, a write and a timer, 20 to 50 us on this machine, so
{rate:.0f} a second are {rate * 20e-4:.1f} to {rate * 50e-4:.1f} % of a core. A rebalance is {args.members:,} heartbeats, \
joins and syncs, of which the
leader's hold all subscriptions and assignments, and two syncs of the log: {3 * args.members:,} requests of 50 us, and
as much for the members, are {args.members * 15e-5:.2f} s on two free cores, and twice that on one.

Members of the new protocol, with a heartbeat each 5 s (`group.consumer_heartbeat_interval_ms`), and a topic of
{args.members:,} partitions:

{table(args, new, "all members are in the new epoch and each partition has a member")}
All members came at once, each of which ends an epoch: {new["JoinSeconds"]:.1f} s until each had its partition.
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=30, help="how long heartbeats are measured")
    parser.add_argument("--dry", action="store_true", help="print the results, write no file")
    args = parser.parse_args()
    measured = [measure(command, args.members, args.seconds) for command in ("members", "consumers")]
    text = report(args, *measured)
    if args.dry:
        print(text)
    else:
        replace_block(RESULTS, BEGIN, END, text)
    is_met = all(max(saw["RebalanceSeconds"]) <= REBALANCE_S and saw["HeartbeatCPUPercent"] <= HEARTBEAT_CORE
                 for saw in measured)
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
