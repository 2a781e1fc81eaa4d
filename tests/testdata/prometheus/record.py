#!/usr/bin/env python3
"""Records real answers of a Prometheus binary into DIR/<name>.http: status, content type, blank line, body.

usage: record.py PROMETHEUS_BINARY DIR

The server runs for some seconds on loopback, on a port that the system chose, with its data in a temporary
folder. It scrapes a page of node_exporter's metrics (below), itself, and one target that refuses.
"""
import http.server, json, os, pathlib, socket, subprocess, sys, tempfile, threading, time
import urllib.error, urllib.parse, urllib.request

PAGE = b"""# TYPE node_filesystem_avail_bytes gauge
node_filesystem_avail_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 2e9
node_filesystem_avail_bytes{device="/dev/sdb1",fstype="ext4",mountpoint="/srv"} 9e11
# TYPE node_filesystem_size_bytes gauge
node_filesystem_size_bytes{device="/dev/sda1",fstype="ext4",mountpoint="/"} 1e11
node_filesystem_size_bytes{device="/dev/sdb1",fstype="ext4",mountpoint="/srv"} 1e12
# TYPE node_filesystem_readonly gauge
node_filesystem_readonly{device="/dev/sda1",fstype="ext4",mountpoint="/"} 0
node_filesystem_readonly{device="/dev/sdb1",fstype="ext4",mountpoint="/srv"} 0
"""

INSTANT = {
    "vector_without_labels": "avg(node_filesystem_size_bytes)",
    "vector_labelled": 'max by (instance, mountpoint) (node_filesystem_size_bytes)',
    "up": "sort(up)",
    "up_is_zero": "up == 0",
    "scalar": "scalar(vector(42.5))",
    "string": '"text"',
    "matrix": "up[10s]",
    "empty": "no_such_metric",
    "nan": "vector(0) / 0",
    "plus_inf": "vector(1) / 0",
    "minus_inf": "vector(-1) / 0",
    "filesystem_used": "100 * (1 - node_filesystem_avail_bytes / node_filesystem_size_bytes)",
    "promql_warning": "histogram_quantile(2, rate(prometheus_http_request_duration_seconds_bucket[10s]))",
    "bad_data": "sum(",
    "execution": "up * on() up",
}


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *args):
        pass


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def fetch(url, form=None):
    data = urllib.parse.urlencode(form).encode() if form is not None else None
    try:
        with urllib.request.urlopen(url, data, timeout=10) as r:
            return r.status, r.headers.get("Content-Type", ""), r.read()
    except urllib.error.HTTPError as e:
        return e.code, e.headers.get("Content-Type", ""), e.read()


def wait_until(what):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if what():
                return
        except OSError:
            pass
        time.sleep(0.2)
    sys.exit("Prometheus did not get ready")


def main():
    binary, out = sys.argv[1], pathlib.Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    page = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=page.serve_forever, daemon=True).start()
    port, dead = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder, "prometheus.yml")
        config.write_text(f"""global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
- job_name: node
  static_configs: [{{targets: ['127.0.0.1:{page.server_port}']}}]
  relabel_configs: [{{target_label: instance, replacement: 'server:9100'}}]
- job_name: dead
  static_configs: [{{targets: ['127.0.0.1:{dead}']}}]
  relabel_configs: [{{target_label: instance, replacement: 'gone:9100'}}]
- job_name: prometheus
  static_configs: [{{targets: ['127.0.0.1:{port}']}}]
  relabel_configs: [{{target_label: instance, replacement: 'prometheus:9090'}}]
""")
        base = f"http://127.0.0.1:{port}"
        process = subprocess.Popen(
            [binary, f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address=127.0.0.1:{port}"], stderr=subprocess.DEVNULL)
        try:
            def scraped():
                answer = json.loads(fetch(base + "/api/v1/query", {"query": "count(up)"})[2])
                result = answer["data"]["result"]
                return result and result[0]["value"][1] == "3"
            wait_until(scraped)
            time.sleep(5)
            now = time.time()
            cases = {name: (base + "/api/v1/query", {"query": expr, "time": now})
                     for name, expr in INSTANT.items()}
            cases["query_range"] = (base + "/api/v1/query_range", {
                "query": "node_filesystem_size_bytes", "start": now - 3, "end": now, "step": 1})
            cases["too_many_points"] = (base + "/api/v1/query_range", {
                "query": "up", "start": now - 20000, "end": now, "step": 1})
            cases["timeout"] = (base + "/api/v1/query", {
                "query": "sum_over_time(up[5m:1ms])", "time": now, "timeout": "1ms"})
            cases["not_found"] = (base + "/prefix/api/v1/query", {"query": "up"})
            for name, (url, form) in cases.items():
                status, kind, body = fetch(url, form)
                (out / f"{name}.http").write_bytes(f"{status}\n{kind}\n\n".encode() + body)
        finally:
            process.terminate()
            process.wait()


main()
