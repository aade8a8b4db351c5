"""Asks a running Flask 3 what the course's application logs for odd header sets.

    python3 -m venv v && v/bin/pip install flask && v/bin/python make_flask_payloads.py

writes flask_payloads.json beside it. Each case: the request's bytes as latin-1 text, the fields of
the event, Flask's payload, and `want`: the same members by our rule (Host, the event's own fields,
the other headers by name), which docs/events.md states.
"""
import importlib.metadata
import json
import pathlib
import socket
import threading

import flask
import werkzeug.serving

DEFAULT = {"event_type": "default"}
CURL = "Host: localhost:5000\r\nUser-Agent: curl/7.47.0\r\nAccept: */*\r\n"
# name: (request head without the empty line, fields of the event)
CASES = {
    "curl": ("GET / HTTP/1.1\r\n" + CURL, DEFAULT),
    "ab": ("GET / HTTP/1.0\r\nHost: user1.comcast.com\r\nUser-Agent: ApacheBench/2.3\r\n"
           "Accept: */*\r\n", {"event_type": "purchase_sword"}),
    "host declared, none sent": ("GET / HTTP/1.0\r\nAccept: */*\r\n",
                                 {"event_type": "default", "Host": "declared"}),
    "no headers": ("GET / HTTP/1.0\r\n", DEFAULT),
    "duplicates": ("GET / HTTP/1.1\r\n" + CURL + "X-A: 1\r\nX-B: b\r\nx-a: 2\r\nX-A: 3\r\n", DEFAULT),
    "duplicates, the first empty": ("GET / HTTP/1.1\r\n" + CURL + "X-A:\r\nX-A: 2\r\n", DEFAULT),
    "duplicates, the last empty": ("GET / HTTP/1.1\r\n" + CURL + "X-A: 1\r\nX-A:\r\n", DEFAULT),
    "duplicates, all empty": ("GET / HTTP/1.1\r\n" + CURL + "X-A:\r\nX-A:\r\nX-A:\r\n", DEFAULT),
    "empty value": ("GET / HTTP/1.1\r\n" + CURL + "X-Empty:\r\nX-Blank:    \r\n", DEFAULT),
    "underscores": ("GET / HTTP/1.1\r\n" + CURL + "X_A: 1\r\nX-A: 2\r\nUser_Agent: no\r\n", DEFAULT),
    "content type": ("GET / HTTP/1.1\r\n" + CURL + "Content-Type: application/json\r\n", DEFAULT),
    "content type empty": ("GET / HTTP/1.1\r\n" + CURL + "Content-Type:\r\n", DEFAULT),
    "content type twice": ("GET / HTTP/1.1\r\n" + CURL + "Content-Type: a/b\r\ncontent-type: c/d\r\n",
                           DEFAULT),
    "content type twice, the last empty": (
        "GET / HTTP/1.1\r\n" + CURL + "Content-Type: a/b\r\nContent-Type:\r\n", DEFAULT),
    "content length": ("GET / HTTP/1.1\r\n" + CURL + "Content-Length: 0\r\n", DEFAULT),
    "mixed case": ("GET / HTTP/1.1\r\nhOST: LocalHost\r\nuSER-aGENT: MiXed\r\nDNT: 1\r\n"
                   "x-2fa-tOKEN: a\r\nSec-CH-UA: \"b\"\r\nx.y'z: c\r\n3D: d\r\n", DEFAULT),
    "latin-1": ("GET / HTTP/1.1\r\n" + CURL + "X-Name: Ren\xe9 \xa0\xff\x80\r\n"
                "X-Utf8: caf\xc3\xa9\r\n", DEFAULT),
    "quotes and backslashes": ("GET / HTTP/1.1\r\n" + CURL + "X-Q: \"a\\b\"/<>&'\r\n", DEFAULT),
    "tab inside": ("GET / HTTP/1.1\r\n" + CURL + "X-Tab:\ta\tb\r\n", DEFAULT),
    "long value": ("GET / HTTP/1.1\r\n" + CURL + "X-Long: " + "0123456789" * 800 + "\r\n", DEFAULT),
    "many headers": ("GET / HTTP/1.1\r\n" + CURL + "".join(f"X-{i}: {i}\r\n" for i in range(60)),
                     DEFAULT),
    "header with a field's name": (
        "GET / HTTP/1.1\r\n" + CURL + "Event-Type: forged\r\nWeapon: axe\r\n",
        {"Weapon": "sword", "event_type": "default", "Host": "declared"}),
    "field beside a header of another case": (
        "GET / HTTP/1.1\r\n" + CURL, {"host": "mine", "user-agent": "mine", "event_type": "x"}),
    "odd fields": ("GET / HTTP/1.1\r\n" + CURL,
                   {"zeta": "caf\u00e9 \U0001f5e1 \u2028", "alpha": "\b\f\n\r\t\x00\x1f\x7f\"\\/",
                    "": "empty name", "event_type": ""}),
    "transfer encoding": ("GET / HTTP/1.1\r\n" + CURL + "Transfer-Encoding: chunked\r\n", DEFAULT),
    "absolute target": ("GET http://shop.example:81/ HTTP/1.1\r\n" + CURL, DEFAULT),
    # What the intake refuses or trims, as RFC 9112 asks; Flask's answer is kept for the record.
    "space behind a value": ("GET / HTTP/1.1\r\n" + CURL + "X-A: 1 \t \r\n", DEFAULT),
    "control characters": ("GET / HTTP/1.1\r\n" + CURL + "X-C: a\bb\fc\x01d\x7f\r\n", DEFAULT),
    "host twice": ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n", DEFAULT),
    "folded": ("GET / HTTP/1.1\r\n" + CURL + "X-F: a\r\n  b\r\n", DEFAULT),
}


def ordered(payload, fields, headers):
    members = json.loads(payload)
    names = [*(["Host"] if "Host" in headers else []), *fields, *sorted(headers)]
    return json.dumps({name: members[name] for name in names})


def main():
    app = flask.Flask("game_api")
    fields, logged = {}, []

    @app.route("/")
    def default_response():
        event = dict(fields)
        event.update(flask.request.headers)
        logged.append((json.dumps(event), dict(flask.request.headers)))
        return "This is the default response!\n"

    server = werkzeug.serving.make_server("127.0.0.1", 0, app)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    cases = []
    for name, (head, case_fields) in CASES.items():
        fields = case_fields
        logged.clear()
        body = "0\r\n\r\n" if "chunked" in head else ""
        raw = head + "\r\n" + body
        with socket.create_connection(("127.0.0.1", server.port)) as peer:
            peer.sendall(raw.encode("latin-1"))
            status = int(peer.makefile("rb").readline().split()[1])
        case = {"name": name, "request": raw, "fields": case_fields, "status": status}
        if logged:
            payload, headers = logged[0]
            case |= {"flask": payload, "want": ordered(payload, case_fields, headers)}
        cases.append(case)
    versions = {p: importlib.metadata.version(p) for p in ("flask", "werkzeug")}
    path = pathlib.Path(__file__).with_name("flask_payloads.json")
    path.write_text(json.dumps({"versions": versions, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
