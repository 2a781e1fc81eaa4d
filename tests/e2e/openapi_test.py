"""The daemon answers as its own OpenAPI document says: schemathesis makes up requests, right ones and wrong ones, and
holds every answer against the document.

AIOPS_OPENAPI_EXAMPLES: how many cases for each operation (default: what CI has time for).
"""
import datetime
import json
import os
import re
import subprocess
import threading
import unittest

from daemon import Daemon, fast_config
from processes import eventually, get, get_json, tool
from scenario import EndToEnd

EXAMPLES = int(os.environ.get("AIOPS_OPENAPI_EXAMPLES", "130"))
SEED = "20261123"
# The others of its checks are about resources that come and go, and about users, which this daemon has not here.
CHECKS = ",".join(["not_a_server_error", "status_code_conformance", "content_type_conformance",
                   "response_headers_conformance", "response_schema_conformance", "negative_data_rejection",
                   "positive_data_acceptance", "missing_required_header", "unsupported_method",
                   "allow_header_conformance"])

# An entity that exists: a made-up one is only ever told that nobody knows it. TRACE is left out: it is
# refused for every path alike, before anybody looks which one it is.
CONFIG = """
[phases.coverage]
unexpected-methods = ["PUT", "PATCH", "DELETE", "OPTIONS"]

[[operations]]
include-name = "GET /why"
parameters = { "query.entity" = "nas" }
"""


class OpenApi(EndToEnd):
    def setUp(self) -> None:
        super().setUp()
        self.program = tool("pypi", "schemathesis")
        log = self.folder / "access.log"
        log.touch()
        self.stopped = threading.Event()
        self.stack.callback(self.stopped.set)
        threading.Thread(target=self._errors, args=(log,), daemon=True).start()
        sources = f"  nginx: {{logs: ['{log}'], grace: 200ms}}"
        self.daemon = self.own(Daemon(self.folder, lambda port: fast_config(self.folder, port, sources)))

    def _errors(self, log) -> None:
        """A site that answers only errors, so that there is an anomaly to be shown."""
        while not self.stopped.wait(0.5):
            now = datetime.datetime.now(datetime.timezone.utc).strftime("%d/%b/%Y:%H:%M:%S +0000")
            with open(log, "a") as out:
                out.write(f'192.0.2.7 - - [{now}] "GET / HTTP/1.1" 502 150 "-" "test"\n')

    def test_answers_are_as_described(self) -> None:
        eventually("an anomaly, and a round", lambda: self.daemon.anomalies() and self.daemon.status()["rounds"]["last"])
        (self.folder / "schemathesis.toml").write_text(CONFIG)
        done = subprocess.run(
            [self.program, "--config-file", str(self.folder / "schemathesis.toml"), "run",
             f"{self.daemon.url}/openapi.json", "--checks", CHECKS, "--max-examples", str(EXAMPLES),
             "--phases", "examples,coverage,fuzzing", "--seed", SEED, "--generation-database", "none", "--no-color",
             "--continue-on-failure", "--suppress-health-check", "all", "--request-timeout", "40"],
            cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        print("\n".join(re.findall(r"^.*(?:cases|generated|passed|failures).*$", done.stdout, re.MULTILINE)))
        self.assertEqual(done.returncode, 0, done.stdout[-20000:])
        self.assertTrue(self.daemon.running(), self.daemon.tail())
        self.assertIn("healthy", get(f"{self.daemon.url}/-/healthy"))

    def test_the_document_is_whole(self) -> None:
        document = get_json(f"{self.daemon.url}/openapi.json")
        self.assertEqual(document["openapi"], "3.1.0")
        schemas = document["components"]["schemas"]
        for name in set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document))):
            self.assertIn(name, schemas)
        operations = {f"{method} {path}" for path, item in document["paths"].items() for method in item}
        self.assertLessEqual({"get /anomalies", "head /why", "post /anomalies/{id}/acknowledge", "post /-/reload"},
                             operations)


if __name__ == "__main__":
    unittest.main()
