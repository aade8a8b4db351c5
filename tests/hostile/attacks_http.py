"""Attacks on the HTTP ports: answers not taken, idle connections, statements that nobody wants."""
import http.client
import itertools
import json
import time

from flood import Flood, Tally
from measured import statement
from target import attack

PAGE = "SELECT lpad('x', 15000000, 'x')"
HEAVY = ("SELECT count(*) FROM unnest(sequence(1, 100000)) a, unnest(sequence(1, 100000)) b "
         "WHERE a.unnest + b.unnest = 7")
PURCHASE = b"GET /purchase_a_sword HTTP/1.1\r\nHost: idle.example\r\n\r\n"


def request(address, path, method="GET", extra=b"", body=b""):
    head = f"{method} {path} HTTP/1.1\r\nHost: {address}\r\n".encode() + extra
    if body:
        head += b"Content-Length: %d\r\n" % len(body)
    return head + b"\r\n" + body


# --- H4: answers not taken ------------------------------------------------------------------------

def large_page(target, text=PAGE):
    """The path of a page of 15 MB that may be asked for again; None where none came."""
    line = http.client.HTTPConnection(target.endpoints["sql"], timeout=30,
                                      source_address=(target.sources[0], 0))
    headers = {"X-Trino-User": "hostile"}
    line.request("POST", "/v1/statement", text, headers)
    path = None
    for _ in range(100):
        answer = line.getresponse()
        body = answer.read()
        if len(body) > 1_000_000:
            return path
        page = json.loads(body) if answer.status == 200 else {}
        if "nextUri" not in page:
            return None
        path = "/" + page["nextUri"].split("/", 3)[3]
        line.request("GET", path, headers=headers)
    return None


def pages(target, until, connections, **options):
    tally = Tally()
    while time.monotonic() < until:
        try:
            path = large_page(target)
        except (OSError, http.client.HTTPException, ValueError) as error:
            tally.notes[type(error).__name__] += 1
            path = None
        if path is None:
            tally.notes["no page"] += 1
            time.sleep(0.2)
            continue
        asked = request(target.endpoints["sql"], path)
        tally += target.flood("sql", connections, lambda _: iter([asked, 5]),
                              min(until, time.monotonic() + 9), **options)
    return tally


@attack("H4", "a result page of 15 MB that 200 sockets ask for", 200)
def unread_pages(target, until):
    """None of them reads."""
    return pages(target, until, 200, reads=False, receive_buffer=4096)


@attack("H4", "the page from eight addresses", 400, addresses=8)
def unread_pages_everywhere(target, until):
    """400 sockets of eight addresses, none reads."""
    return pages(target, until, 400, reads=False, receive_buffer=4096)


@attack("H4", "the page, sipped", 200)
def sipped_pages(target, until):
    """200 sockets that read 4 kB at a time."""
    return pages(target, until, 200, receive_buffer=4096)


def deaf_pipeline(part, paths, connections):
    def run(target, until):
        asked = b"".join(request(target.endpoints[part], path) for path in paths) * 50
        return target.flood(part, connections, lambda _: itertools.repeat(asked), until, reads=False,
                            receive_buffer=4096)
    run.__doc__ = f"Pipelined GETs of {', '.join(paths)} by {connections} sockets that never read."
    return run


TABLES = "/v1/namespaces/default/tables"
attack("H4", "the catalog, never read", 1000)(
    deaf_pipeline("catalog", ["/v1/config", TABLES, f"{TABLES}/default_hits"], 1000))
attack("H4", "openapi.json, never read", 1000)(
    deaf_pipeline("http", ["/openapi.json", "/items"], 1000))
attack("H4", "metrics, never read", 1000)(deaf_pipeline("sql", ["/metrics"], 1000))


@attack("H4", "bodies that stop, 400 of 1 MB", 400)
def partial_bodies(target, until):
    """A POST whose body never ends."""
    head = (b"POST /players HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000000\r\n\r\n" + b" " * 900_000)
    drip = [head] + [1.0, b" "] * 60
    return target.flood("http", 400, lambda _: iter(drip), until)


@attack("H4", "statements that stop, 400 of 1 MB", 400)
def partial_statements(target, until):
    """A statement's text that never ends, at the SQL port."""
    head = request(target.endpoints["sql"], "/v1/statement", "POST",
                   b"X-Trino-User: h\r\nContent-Length: 1000000\r\n") + b" " * 900_000
    drip = [head] + [1.0, b" "] * 60
    return target.flood("sql", 400, lambda _: iter(drip), until)


def unfinished_head():
    """A request's head of 31 kB that never ends."""
    fields = b"".join(b"X-%03d: " % n + b"x" * 240 + b"\r\n" for n in range(120))
    return b"GET / HTTP/1.1\r\nHost: a\r\n" + fields


@attack("H4", "5,000 heads that stop at 31 kB", 5000)
def partial_heads(target, until):
    """Spread over the game's, the SQL and the catalog's port."""
    script = [unfinished_head()] + [1.0, b"x"] * 60
    return over_ports(target, until, ["http", "sql", "catalog"], 5000, script)


@attack("H4", "5,000 bodies that stop at 60 kB", 5000)
def partial_small_bodies(target, until):
    """Below what the budget of bodies looks at."""
    head = (b"POST /shout HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Content-Length: 64000\r\n\r\n" + b" " * 60_000)
    return over_ports(target, until, ["http", "sql"], 5000, [head] + [1.0, b" "] * 60)


def over_ports(target, until, parts, connections, script):
    """One flood a port, in turns; `script` is what each connection sends."""
    tally = Tally()
    floods = [Flood(target.endpoints[part], target.sources, connections // len(parts),
                    lambda _: iter(script)) for part in parts]
    while time.monotonic() < until:
        for flood in floods:
            flood.run(min(until, time.monotonic() + 0.1), keep=True)
    for flood in floods:
        flood.close()
        tally += flood.tally
    return tally


# --- H14: descriptors -----------------------------------------------------------------------------

def idle(*parts, greeting=None):
    def run(target, until):
        script = [greeting, 3600.0] if greeting else [3600.0]
        return over_ports(target, until, parts, 1000, script)
    run.__doc__ = f"1,000 connections to {', '.join(parts)}, kept open."
    return run


attack("H14", "1,000 idle Kafka connections", 1000, open_files=1024)(idle("kafka"))
attack("H14", "1,000 idle game connections", 1000, open_files=1024)(idle("http"))
attack("H14", "1,000 idle connections over four ports", 1000, open_files=1024)(
    idle("http", "kafka", "sql", "catalog"))
attack("H14", "1,000 connections after a request", 1000, open_files=1024)(
    idle("http", greeting=PURCHASE))
attack("H14", "1,000 idle ones of eight addresses", 1000, open_files=1024, addresses=8)(
    idle("http", "kafka", "sql", "catalog"))


def crowd(part, connections):
    """Idle connections up to the port's own limit and beyond."""
    def run(target, until):
        return target.flood(part, connections, lambda _: iter([3600.0]), until)
    run.__doc__ = f"{connections:,} connections to {part}, beyond what the port takes."
    return run


attack("H14", "6,000 idle Kafka connections", 6000)(crowd("kafka", 6000))
attack("H14", "11,000 idle game connections", 11_000)(crowd("http", 11_000))
attack("H14", "11,000 of 400 addresses", 11_000, addresses=400)(crowd("http", 11_000))


@attack("H14", "connections opened and closed", 200, open_files=1024)
def churn(target, until):
    """200 at a time at the Kafka port, closed at once."""
    tally = Tally()
    while time.monotonic() < until:
        tally += target.flood("kafka", 200, lambda _: iter([60.0]), time.monotonic() + 0.05)
    return tally


# --- H15: places for statements -------------------------------------------------------------------

def post(target, text, user):
    line = http.client.HTTPConnection(target.endpoints["sql"], timeout=30,
                                      source_address=(target.sources[0], 0))
    line.request("POST", "/v1/statement", text, {"X-Trino-User": user})
    answer = line.getresponse()
    body = answer.read()
    line.close()
    return json.loads(body) if answer.status == 200 else {}


def statements(text, follow):
    def run(target, until):
        tally, count = Tally(), itertools.count()
        while time.monotonic() < until:
            opened = []
            for _ in range(64):
                if time.monotonic() >= until:
                    break
                try:
                    page = post(target, text, f"user{next(count) % 16}")
                    tally.payloads += 1
                    tally.notes["refused" if "nextUri" not in page else "taken"] += 1
                    opened.append(page)
                except (OSError, http.client.HTTPException, ValueError) as error:
                    tally.notes[type(error).__name__] += 1
            follow(target, opened)
        return tally
    return run


def cancel(target, opened):
    for page in opened:
        if "nextUri" in page:
            line = http.client.HTTPConnection(target.endpoints["sql"], timeout=30,
                                              source_address=(target.sources[0], 0))
            line.request("DELETE", "/" + page["nextUri"].split("/", 3)[3])
            line.getresponse().read()
            line.close()


def leave(_, __):
    time.sleep(0.2)


for _name, _text in [("small", "SELECT 1"), ("heavy", HEAVY)]:
    for _after, _follow in [("left", leave), ("cancelled", cancel)]:
        _run = statements(_text, _follow)
        _run.__doc__ = f"64 statements, sixteen users of one address, then {_after}: {_text}"
        attack("H15", f"64 {_name} statements, {_after}", 64)(_run)


@attack("H15", "heavy statements, followed", 2)
def followed(target, until):
    """Statements that run as long as they may, one after the other."""
    tally = Tally()
    while time.monotonic() < until:
        try:
            statement(target.endpoints["sql"], HEAVY, "hostile", target.sources[0])
        except (OSError, http.client.HTTPException, ValueError, RuntimeError) as error:
            tally.notes[str(error)[:60]] += 1
        tally.payloads += 1
    return tally
