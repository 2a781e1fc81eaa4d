"""What people get: the daemon, a Prometheus whose values the test sets, and a Telegram that refuses what Telegram refuses."""
import os
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "fakes"))
import scenario
from daemon import Daemon
from processes import eventually, get_json
from prometheus_fake import FakePrometheus
from telegram_server import TelegramServer

CHAT = -4242
KILLS = 6
FAULTS = [{"status": 502, "times": 2}, {"drop": "request"}, {"retry_after": 2}, {"drop": "answer"}, {"delay": 1.5}]


def shown(message) -> str:
    """Without the characters of no width that keep links apart."""
    return message.text.replace("\u2060", "")


class Telegram(scenario.EndToEnd):
    def setUp(self) -> None:
        super().setUp()
        self.telegram = self.stack.enter_context(TelegramServer(chats=[CHAT]))
        self.prometheus = FakePrometheus()
        self.stack.callback(self.prometheus.close)
        self.broken: set[str] = set()

    def config(self, listen: int) -> str:
        return f"""
web: {{listen_address: "127.0.0.1:{listen}"}}
store: {{path: "{self.folder}/data/aiops.db"}}
timezone: UTC
collect:
  interval: 1s
  deadline: 800ms
  entity: nas
  backfill: 0s
  prometheus: {{url: '{self.prometheus.url}', scrape_interval: 1s, fact_entity_label: host}}
detect: {{interval: 2s, boot_grace: 0s}}
facts:
  - {{name: broken, expr: broken, severity: critical}}
  - {{name: worn, expr: worn, severity: warning}}
notify:
  telegram: {{bot_token: '{self.telegram.token}', chat_id: '{CHAT}', api_url: '{self.telegram.url}', timeout: 1s}}
  flush_warnings: "* * * * *"
"""

    def hold(self, name: str, *hosts: str) -> None:
        self.prometheus.values[name] = [({"host": host, "what": "disk"}, 1) for host in hosts]

    def messages(self):
        return list(self.telegram.chat(CHAT).messages)

    def told(self, *words: str):
        return next((m for m in self.messages() if all(word in shown(m) for word in words)), None)

    def outbox(self) -> list[tuple[str, str]]:
        """Newest first."""
        return [(row["occasion"], row["state"]) for row in get_json(f"{self.daemon.url}/outbox")["messages"]]

    def start(self) -> Daemon:
        self.daemon = self.own(Daemon(self.folder, self.config))
        return self.daemon

    def test_a_critical_fact_rings_is_edited_and_ends_as_a_reply(self) -> None:
        self.start()
        self.hold("broken", "<b>pi4</b>")
        first = eventually("it is told", lambda: self.told("<b>pi4</b>", "ongoing"))
        self.assertFalse(first.silent)
        self.assertTrue(first.text.startswith("🔴"), first.text)
        number = self.daemon.anomalies()[0]["id"]
        self.assertEqual(200, self.daemon.command(f"/anomalies/{number}/acknowledge", '{"by": "@minsu"}')[0])
        eventually("the message is edited", lambda: "👀" in self.messages()[0].text)
        self.assertEqual(1, len(self.messages()))
        self.hold("broken")
        last = eventually("the end is told", lambda: self.told("over"))
        self.assertTrue(last.silent)
        self.assertEqual(first.id, last.reply_to.id)
        self.assertEqual({"bold"}, {e["type"] for m in self.messages() for e in m.entities})
        eventually("all that was told is settled", lambda: self.outbox() == [
            ("closed", "sent"), ("acknowledged", "sent"), ("opened", "sent")])

    def test_a_warning_comes_silently_with_others(self) -> None:
        self.start()
        self.hold("worn", "a", "b")
        digest = eventually("both are told", lambda: self.told("2 to know"), patience=90)
        self.assertTrue(digest.silent)
        self.assertIn("1 · a: ", digest.text)
        self.assertIn("2 · b: ", digest.text)

    def test_kills_and_a_flapping_telegram_lose_nothing(self) -> None:
        chance = random.Random(seed := int(os.environ.get("AIOPS_SEED", time.time_ns() % 10**6)))
        print(f"AIOPS_SEED={seed}", flush=True)
        self.start()
        hosts = []
        for number in range(KILLS):
            hosts += [f"host{number}-{i}" for i in range(chance.randint(1, 5))]
            self.telegram.fault(**chance.choice(FAULTS))
            self.hold("broken", *hosts)
            time.sleep(chance.uniform(0.5, 4))
            self.daemon.kill()
            self.daemon.start()
        for host in hosts:
            eventually(f"{host} is told", lambda host=host: self.told(host), patience=120)
        openings = {host: sum(host + ":" in shown(m) for m in self.messages()) for host in hosts}
        repeats = sum(count - 1 for count in openings.values())
        print(f"{len(hosts)} hosts, {len(self.messages())} messages, {repeats} tellings more than needed", flush=True)
        self.assertEqual(0, self.telegram.pace.violations)
        self.assertLessEqual(len(self.messages()), len(hosts) + 2 * KILLS)
