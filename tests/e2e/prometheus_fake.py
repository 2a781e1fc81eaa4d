"""A server that answers PromQL with what the test wants, for entities, names and values no real machine has."""
import http.server
import json
import threading
import urllib.parse


class FakePrometheus:
    """`values`: expression -> a list of (labels, number); may be changed at any time. History is empty."""

    def __init__(self):
        self.values: dict[str, list[tuple[dict, float]]] = {}
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                instant = self.path.endswith("/query")
                result = [{"metric": labels, "value": [float(form["time"][0]), str(value)]}
                          for labels, value in fake.values.get(form["query"][0], [])] if instant else []
                body = json.dumps({"status": "success", "data": {
                    "resultType": "vector" if instant else "matrix", "result": result}}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except ConnectionError:
                    pass  # whoever asked had no more patience

            def log_message(self, *arguments) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
