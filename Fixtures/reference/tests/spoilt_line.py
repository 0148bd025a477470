"""A line between an office and a hub that cuts answers and repeats requests.

`spoilt_line.py HUB CUTS` listens on a free port, prints its address, and ends with its stdin. Of the
first CUTS requests the hub's answer ends in the middle; every other one it hands to the hub twice.
"""

from __future__ import annotations

import http.client
import http.server
import sys
import threading
import urllib.parse


class SpoiltLine(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub = ""
    cuts = 0

    def do_POST(self) -> None:  # noqa: N802
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, sort, answer = self.ask(content)
        SpoiltLine.cuts -= 1
        is_cut = SpoiltLine.cuts >= 0
        if not is_cut:
            status, sort, answer = self.ask(content)
        self.send_response(status)
        self.send_header("Content-Type", sort)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer[: len(answer) // 2] if is_cut else answer)
        self.close_connection = is_cut

    do_PUT = do_GET = do_POST  # noqa: N815

    def ask(self, content: bytes) -> tuple[int, str, bytes]:
        parts = urllib.parse.urlsplit(self.hub)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        kept = ("authorization", "content-type")
        headers = {name: text for name, text in self.headers.items() if name.lower() in kept}
        connection.request(self.command, self.path, content, headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, answer.headers.get("Content-Type", ""), data

    def log_message(self, *words: object) -> None:
        pass


def main() -> None:
    SpoiltLine.hub, SpoiltLine.cuts = sys.argv[1], int(sys.argv[2])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), SpoiltLine)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"listening http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
