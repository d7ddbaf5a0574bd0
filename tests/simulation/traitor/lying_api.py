"""A node's API that lies: it passes questions on to an honest node and alters, or holds back, what that answers."""

import http.server
import re
import threading
import urllib.error
import urllib.request

# Headers of one connection, not of what is said on it.
OF_THE_CONNECTION = {"connection", "transfer-encoding", "content-length", "keep-alive", "date", "server"}


def flip(content, place):
    """One bit of the byte at this share (0 to 1) of the content."""
    altered = bytearray(content)
    if altered:
        altered[min(int(len(altered) * place), len(altered) - 1)] ^= 1
    return bytes(altered)


def richer(content):
    """Every amount in a JSON answer has another digit."""
    return re.sub(rb'("(?:available|reserved|confirmed|disputed|balance|total)"\s*:\s*")(\d+)"', rb'\g<1>9\g<2>"', content)


def other_turns(content):
    """Every priority in an answer about whose turn it is to propose is another."""
    return re.sub(rb'("priority":")(-?)(\d+)"', rb'\g<1>\g<2>9\g<3>"', content)


class LyingApi:
    """Use as a context; `url` is where it listens. `lie` may be changed at any time:

    None              tells the truth
    ("flip", share)   flips a bit in every proof (a receipt, a light block, a trail)
    ("richer",)       more credits in every list
    ("turns",)        it is another validator's turn to propose
    ("stale",)        what it answered first to each question, for ever"""

    def __init__(self, honest):
        self.honest, self.lie, self.told = honest, None, 0
        self.remembered = {}
        self.lock = threading.Lock()

    def __enter__(self):
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                api.answer(self, None)

            def do_POST(self):
                api.answer(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)

    def ask_honest(self, handler, body):
        headers = {name: value for name, value in handler.headers.items()
                   if name.lower() not in OF_THE_CONNECTION | {"host"}}
        request = urllib.request.Request(self.honest + handler.path, data=body, method=handler.command,
                                         headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, list(answer.headers.items()), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, list(error.headers.items()), error.read()

    def answer(self, handler, body):
        question = (handler.command, handler.path, handler.headers.get("Accept"))
        kind = self.lie[0] if self.lie else None
        with self.lock:
            old = self.remembered.get(question) if kind == "stale" and body is None else None
        status, headers, content = old or self.ask_honest(handler, body)
        with self.lock:
            if body is None and status == 200:
                self.remembered.setdefault(question, (status, headers, content))
        altered = content
        if status == 200 and kind == "flip" and re.match(r"/v1/(receipts|light-blocks|trail|log)", handler.path):
            altered = flip(content, self.lie[1])
        if status == 200 and kind == "richer":
            altered = richer(content)
        if status == 200 and kind == "turns":
            altered = other_turns(content)
        with self.lock:
            self.told += old is not None or altered != content
        handler.send_response(status)
        for name, value in headers:
            if name.lower() not in OF_THE_CONNECTION:
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(altered)))
        handler.end_headers()
        handler.wfile.write(altered)
