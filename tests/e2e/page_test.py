"""The page at /, as a person meets it: a real browser on the real daemon, whose sources are the test's."""
import json
import os
import pathlib
import random
import re
import threading
import time

import scenario
from browser import ENTER, TAB, Browser
from daemon import Daemon
from page_scripts import CONTRAST, CURVES, CUT, DRAWN, HELD_BACK, OVER, READ, REFUSING
from processes import PATIENCE, eventually, get
from prometheus_fake import FakePrometheus

NARROW, PHONE, DESK = (320, 640), (390, 844), (1280, 800)
CONFIG = """
web: {{listen_address: "127.0.0.1:{port}"}}
store: {{path: "{folder}/data/aiops.db"}}
collect:
  interval: {interval}s
  deadline: {deadline}ms
  entity: nas
  host: {{filesystem: {{enabled: false}}}}
  prometheus: {{url: '{url}', scrape_interval: 1s, targets_down: false, fact_entity_label: host}}
detect: {{interval: {round}s, warmup_samples: 8, boot_grace: 0s}}
scopes:
  node:
    interval: {interval}s
    entity_labels: [{labels}]
    features:
      cpu_percent: {{expr: cpu, unit: "%", help: Processor time in use., direction: up, min_deviation: 30}}
      network_rx: {{expr: rx, unit: B/s, help: Bytes received., min_deviation: 5000000}}
      error_rate_5xx: {{expr: errors, help: Share of requests answered with 5xx., direction: up, min_deviation: 0.2}}
      disk_temperature: {{expr: warmth, unit: °C, help: How warm the disk is., direction: up, min_deviation: 20}}
facts:
  - {{name: nextcloud_only_errors, expr: broken, severity: critical}}
"""
HOSTILE = ["<img src=x onerror=alert(1)>", "\u202egnp.exe \u2067rtl", "n" * 200, "\"'&lt;b&gt;", "{{7*7}}${7*7}"]

# Read by people, too.
OWN_NAMES = {"aiops_exporter"}


class World:
    """Hosts behind a Prometheus that is not there. `sick`: host -> values instead of the healthy ones. `labels`: host ->
    what else is said of it."""

    def __init__(self, hosts: list[str], labels: dict):
        self.prometheus, self.hosts, self.sick, self.labels = FakePrometheus(), hosts, {}, labels
        self.random, self.over = random.Random(7), threading.Event()
        self.breathe()
        threading.Thread(target=self._live, daemon=True).start()

    def breathe(self) -> None:
        gauss = self.random.gauss
        healthy = {"cpu": lambda: abs(gauss(12, 3)), "rx": lambda: abs(gauss(3e5, 5e4)),
                   "errors": lambda: abs(gauss(0.01, 0.004)), "warmth": lambda: gauss(38, 0.4)}
        for expr, value in healthy.items():
            self.prometheus.values[expr] = [
                ({"host": host, **self.labels.get(host, {})}, self.sick.get(host, {}).get(expr, value())) for host in self.hosts
                if self.sick.get(host, {}).get(expr, 0) is not None]

    def _live(self) -> None:
        while not self.over.wait(0.7 if len(self.hosts) < 100 else 10):
            self.breathe()

    def close(self) -> None:
        self.over.set()
        self.prometheus.close()


class Page(scenario.EndToEnd):
    def start(self, hosts: list[str], interval: int = 1, labels: dict | None = None) -> None:
        self.browser = self.own(Browser(self.folder))
        self.world = World(hosts, labels or {})
        names = sorted({"host"}.union(*self.world.labels.values()))
        self.stack.callback(self.world.close)
        self.daemon = self.own(Daemon(self.folder, lambda port: CONFIG.format(
            port=port, folder=self.folder, url=self.world.prometheus.url, interval=interval, round=2 * interval,
            deadline=1000 * interval - 100,
            labels=", ".join(names))))

    def picture(self, name: str, *screens) -> None:
        """Of every screen in light and dark, for whoever wants to look: AIOPS_PICTURES is a folder."""
        folder = pathlib.Path(os.environ.get("AIOPS_PICTURES", self.folder))
        for width, height in screens or (PHONE, DESK):
            for dark in (False, True):
                self.browser.become(width, height, dark)
                time.sleep(0.3)
                self.assert_readable()
                self.browser.picture(folder / f"{name}-{width}-{'dark' if dark else 'light'}.png", whole=True)

    def assert_readable(self) -> None:
        looked, poor = self.browser.run(CONTRAST)
        self.assertGreater(looked, 10)
        self.assertEqual(poor, [])
        # Not innerWidth: a phone zooms out to show what is too wide.
        wide, screen = self.browser.run("const page = document.documentElement; return [page.scrollWidth, page.clientWidth]")
        self.assertLessEqual(wide, screen)
        if screen <= PHONE[0]:
            self.assertEqual(self.browser.run(CUT), [])

    def assert_words(self) -> None:
        """A person reads words and plain numbers: no names of fields, no powers of ten."""
        text = self.browser.run(READ)
        names = set(re.findall(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b", text)) - OWN_NAMES
        self.assertEqual(names, set(), text)
        self.assertNotRegex(text, r"\d[eE][-+]?\d")

    def assert_named(self) -> None:
        """Whatever can have the focus says what it is."""
        nodes = self.browser.devtools("Accessibility.getFullAXTree")["nodes"]
        stops = [node for node in nodes if not node["ignored"] and node["role"]["value"] in (
            "button", "link", "textbox", "searchbox", "combobox", "DisclosureTriangle", "DateTime")]
        self.assertGreater(len(stops), 5)
        self.assertEqual([node for node in stops if not node.get("name", {}).get("value")], [])

    def assert_calm(self) -> None:
        self.assertEqual(self.browser.complaints(), [])

    def tab_to(self, selector: str) -> None:
        """By Tab alone, with a focus that is seen at every stop."""
        for _ in range(60):
            self.browser.press(TAB)
            at, seen = self.browser.run(
                "const e = document.activeElement; return [e.matches(arguments[0]), "
                "e === document.body || getComputedStyle(e).outlineStyle !== 'none']", selector)
            self.assertTrue(seen)
            if at:
                return
        self.fail(f"Tab does not reach {selector}")

    def test_from_the_start_to_a_fault_and_back(self) -> None:
        self.start(["nas", "router"])
        self.browser.become(*PHONE)
        self.browser.open(self.daemon.url)
        self.check_warm_up()
        self.check_quiet()
        self.check_tiny()
        self.check_over()
        self.check_held_back()
        self.check_mute()
        self.check_fault()
        self.check_acknowledgement_by_keyboard()
        self.check_marks()
        self.check_questions()
        self.assert_calm()
        self.check_daemon_gone()

    def check_warm_up(self) -> None:
        self.browser.await_text("#what", "Warming up")
        self.browser.await_text("#entities", "judges from")
        self.assertEqual(self.browser.count(".entity .is-normal"), 0)
        self.assertEqual(self.browser.count(".entity progress:not([hidden])"), 2)
        self.assertTrue(self.browser.run("return document.title").startswith("? Warming up"))
        self.picture("warming-up")

    def check_quiet(self) -> None:
        self.browser.await_text("#what", "All quiet")
        self.assertIn("2 entities watched", self.browser.text("#sub"))
        self.assertTrue(self.browser.run("return document.title").startswith("\u2713 All quiet"))
        self.quiet_icon = self.browser.run("return document.querySelector('#favicon').href")
        self.assertTrue(self.quiet_icon.startswith("data:image/svg+xml,"))
        eventually("curves with bands are drawn", lambda: self.browser.run(CURVES) == 8)
        self.assertIn("expected up to", self.browser.text("#entities"))
        self.picture("quiet")

    def check_tiny(self) -> None:
        self.world.sick["router"] = {"errors": 4.5e-06}
        self.browser.await_text("#entities > li:has([title=router])", "<0.0001")
        self.assert_words()
        del self.world.sick["router"]

    def check_over(self) -> None:
        self.browser.run(OVER)
        self.browser.await_text(".entity[data-state=warning] .meta", "over by now")
        self.assertEqual(self.browser.text("#what"), "Quiet again")
        self.assertEqual(self.browser.run("return document.body.dataset.state"), "warning")
        self.picture("over", PHONE)
        self.browser.open(f"{self.daemon.url}/")
        self.browser.await_text("#what", "All quiet")
        self.assertEqual(self.browser.count(".entity[data-state=warning]"), 0)

    def check_held_back(self) -> None:
        self.assertRegex(self.browser.text(".strip-label"), r"curves since \d\d:\d\d\s+values of \d\d:\d\d:\d\d")
        self.browser.run(HELD_BACK)
        self.browser.await_text(".feature .flag", "outside, but by less than counts")
        self.assertEqual(self.browser.count(".feature.is-unusual"), 0)
        self.picture("held-back")
        self.browser.open(f"{self.daemon.url}/")

    def check_mute(self) -> None:
        body = json.dumps({"entity": "router", "by": "ann", "why": "new <b>cable</b>"})
        _, made = self.daemon.command("/mutes", body)
        self.browser.await_text("#silences", "Muted: router until")
        self.assertIn("(by ann \u00b7 new <b>cable</b>)", self.browser.text("#silences"))
        self.picture("muted", PHONE)
        self.daemon.command(f"/mutes/{made['id']}/end")
        eventually("the mute is gone", lambda: self.browser.count("#silences li") == 0)

    def check_fault(self) -> None:
        self.browser.run("const row = document.querySelector('.feature'); row.mine = true; "
                         "row.closest('.card').querySelector('summary').focus()")
        self.world.sick["nas"] = {"cpu": 97, "rx": 4.2e7, "errors": 0.97}
        self.browser.become(*PHONE)
        self.browser.await_text("#open", "network received")
        self.world.sick["router"] = {"warmth": None}
        self.world.prometheus.values["broken"] = [({"host": "nas", "site": "nextcloud"}, 1)]
        self.browser.await_text("#what", "1 critical")
        self.browser.await_text("#past-none", "Nothing else was wrong")
        self.assertRegex(self.browser.text("#when"), r"^ ?for \d+ (s|min)$")
        self.assertRegex(self.browser.text("#sub"), r"^Since \d\d:\d\d ")
        self.assertIn("nas: nextcloud only errors holds", self.browser.text("#detail"))
        self.assertTrue(self.browser.run("return document.title").startswith("\u2716 1 critical for"))
        # It is said once, not with every second.
        self.assertEqual(self.browser.count("[aria-live] #when, [role=status] #when"), 0)
        self.assertIn("1 critical", self.browser.run("return document.querySelector('#told').textContent"))
        self.assertNotEqual(self.browser.run("return document.querySelector('#favicon').href"), self.quiet_icon)
        # Without a touch: what, since when, how bad.
        bottom = self.browser.run("return document.querySelector('#sentence').getBoundingClientRect().bottom")
        self.assertLess(bottom, PHONE[1] / 2)
        self.assertTrue(self.browser.run("return [...document.querySelectorAll('.feature')].some((row) => row.mine) && "
                                         "document.activeElement.matches('.entity summary')"),
                        "the page was built anew instead of being kept up to date")
        router = "#entities > li:has([title=router])"
        self.browser.run("document.querySelector(arguments[0]).scrollIntoView()", router)
        self.browser.await_text(router, "its source has no value")
        self.browser.open(f"{self.daemon.url}/")
        self.browser.await_text("#open .anomaly[open]", "Its source adds")
        self.browser.run("document.querySelectorAll('.anomaly').forEach((card) => { card.open = true; })")
        self.browser.await_text(".anomaly .shares li", "% of the evidence, expected")
        self.browser.await_text("#anomaly-1 .story", "network received")
        self.assertNotIn("\n0 % of the evidence", self.browser.text("#anomaly-1 .shares"))
        story = self.daemon.anomaly(1)["story"]
        self.assertEqual([step["time"] for step in story], sorted(step["time"] for step in story))
        self.browser.run("document.querySelectorAll('.fold').forEach((fold) => { fold.open = true; })")
        self.browser.await_text("#jobs", "Judging")
        self.assert_words()
        self.assert_named()
        self.picture("fault", NARROW, PHONE, DESK)

    def check_acknowledgement_by_keyboard(self) -> None:
        self.browser.become(*DESK)
        first = self.browser.run("return document.querySelector('#open .anomaly').id")
        self.browser.open(f"{self.daemon.url}/#{first}")
        eventually("the link opens its anomaly", lambda: self.browser.run(
            "const card = document.activeElement.parentElement; return card.id === arguments[0] && card.open", first))
        # A refusal is told where it happened.
        self.browser.run(REFUSING)
        self.tab_to(f"#{first} button")
        self.browser.press(ENTER)
        self.browser.press(*"Ann")
        self.tab_to("input")
        self.browser.press(*"known work", ENTER)
        self.browser.await_text(f"#{first} .error[role=alert]", "Not acknowledged: the <b>database</b> is full.")
        self.picture("refused", DESK)
        self.browser.run("window.fetch = window.real")
        self.browser.press(ENTER)
        self.browser.await_text(f"#{first}", "Acknowledged by Ann")
        self.browser.await_text("#what", "1 critical, acknowledged")
        number = int(first.removeprefix("anomaly-"))
        self.assertEqual(self.daemon.anomaly(number)["acknowledged_why"], "known work")
        self.assertEqual(self.browser.run("return localStorage.getItem('aiops.who')"), "Ann")

    def check_marks(self) -> None:
        """What people said of an anomaly stands beside it, where it is shut, too."""
        self.daemon.command("/anomalies/2/real", json.dumps({"by": "Bob", "why": "a <b>disk</b>"}))
        self.browser.await_text("#anomaly-2 summary", "marked as a real problem")
        self.browser.run("document.querySelector('#anomaly-2').open = true")
        said = self.browser.await_text("#anomaly-2 .body", "Marked as a real problem by Bob")
        self.assertRegex(said, r"Marked as a real problem by Bob, \d\d:\d\d: a <b>disk</b>")
        self.daemon.command("/anomalies/2/expected", json.dumps({"by": "Eve"}))
        self.browser.await_text("#anomaly-2 summary", "marked as expected")
        self.assertIn("Marked as expected by Eve", self.browser.text("#anomaly-2 .body"))
        self.picture("marked", PHONE)

    def check_questions(self) -> None:
        self.browser.run("document.querySelector('#why-entity').value = ''")
        self.browser.type("#why-entity", "nobody <b>here</b>")
        self.browser.press(ENTER)
        self.browser.await_text("#why-answer", "No answer: nothing is")
        # The daemon says 404, which a browser's console reports.
        self.assertTrue(all("404" in line for line in self.browser.complaints()))

    def check_daemon_gone(self) -> None:
        self.daemon.kill()
        self.browser.await_text("#what", "No answer")
        self.assertRegex(self.browser.text("#when"), r"for \d+ (s|min)")
        self.assertRegex(self.browser.text("#sub"), r"is of \d\d:\d\d:\d\d. Trying again")
        self.picture("gone")
        self.assertEqual(self.browser.text("#detail"), "The daemon does not answer.")
        self.world.sick.clear()
        self.world.prometheus.values["broken"] = []
        self.daemon.start()
        self.browser.click("#retry")
        eventually("it is found again", lambda: self.browser.run("return document.body.dataset.state !== 'lost'"))
        self.browser.await_text("#past-list", "was critical", PATIENCE)

    def test_many_in_trouble_at_once(self) -> None:
        hosts = [f"web-{number:02}" for number in range(16)]
        rack = "rack 17, behind the \"quiet\" door of the second machine hall"
        labels = {host: {"az": "eu-central-1b" if number < 7 else "eu-central-1a", "place": rack if number < 7 else host}
                  for number, host in enumerate(hosts)}
        self.start(hosts, labels=labels)
        self.browser.become(*PHONE)
        self.browser.open(self.daemon.url)
        self.browser.await_text("#what", "All quiet")
        self.assertEqual(self.browser.count("#groups li"), 0)
        for host in hosts[:7]:
            self.world.sick[host] = {"cpu": 97, "rx": 4.2e7, "errors": 0.97}
        line = self.browser.await_text("#groups", "7 of 16 entities")
        self.assertIn('all az="eu-central-1b"', line)
        self.browser.await_text("#counts", "9 normal")
        self.assertIn("7 warning", self.browser.text("#counts"))
        self.picture("group")
        self.assert_calm()

    def test_a_crowd_with_hostile_names(self) -> None:
        self.start([f"host-{number:04}.example.lan" for number in range(2995)] + HOSTILE, interval=5)
        self.browser.become(*DESK)
        eventually("all are judged", lambda: '"normal":3000' in get(f"{self.daemon.url}/overview"), 2 * PATIENCE)
        self.measure()
        self.browser.await_text("#sub", "3000 entities watched")
        self.assertEqual(self.browser.count("#entities > li"), 30)
        self.browser.click("#more")
        eventually("more are shown", lambda: self.browser.count("#entities > li") == 120)
        self.browser.set("#sort", "name", "change")
        self.browser.await_text("#entities > li", "gnp.exe")
        self.picture("crowd")
        for name in HOSTILE:
            self.check_hostile(name)
        self.assert_calm()

    def measure(self) -> None:
        begun = time.monotonic()
        size = len(get(f"{self.daemon.url}/overview"))
        took = time.monotonic() - begun
        print(f"/overview of 3000 entities: {size} bytes in {took * 1000:.0f} ms", flush=True)
        self.assertLess(size, 50_000)
        self.browser.devtools("Page.addScriptToEvaluateOnNewDocument", source=DRAWN)
        self.browser.open(self.daemon.url)
        drawn = eventually("rows are drawn", lambda: self.browser.run("return window.drawn(1)"))
        print(f"the first rows are drawn {drawn:.0f} ms after the page was asked for", flush=True)
        for wanted in (120, 480, 1920, 3000) if os.environ.get("AIOPS_TEST_ALL") else (120, 480):
            begun = self.browser.run("const t = performance.now(); document.querySelector('#more').click(); return t")
            drawn = eventually(f"{wanted} rows are drawn",
                               lambda: self.browser.run("return window.drawn(arguments[0])", wanted))
            print(f"{wanted} rows are drawn {drawn - begun:.0f} ms after they were asked for", flush=True)
        self.browser.open(self.daemon.url)

    def check_hostile(self, name: str) -> None:
        # What turns the direction of text does not come in: a blank stands for it.
        name = name.translate({0x202E: " ", 0x2067: " "})
        self.browser.become(*PHONE)
        self.browser.set("#search", name, "input")
        eventually(f"{name} is found", lambda: self.browser.run(
            "return [...document.querySelectorAll('#entities .name')].map((e) => e.textContent)") == [name])
        self.browser.click("#entities summary")
        eventually("its curves are drawn", lambda: self.browser.count("#entities .feature") == 4)
        self.assertEqual(self.browser.count("img, b, iframe, [onerror]"), 0)
        self.assert_readable()

    def test_without_script_there_is_the_summary(self) -> None:
        self.start(["nas", "router"])
        eventually("it is judged", lambda: "router" in get(f"{self.daemon.url}/overview"))
        self.browser.become(*PHONE, script=False)
        self.browser.open(self.daemon.url)
        page = eventually("the summary is shown", lambda: (
            self.browser.source() if self.browser.address().endswith("/status") else ""))
        self.assertIn("router", page)
        self.browser.become(*PHONE)
        self.check_summary()
        self.check_silent_source()
        self.assert_calm()

    def check_summary(self) -> None:
        self.await_summary(r"^All quiet")
        self.world.sick["nas"] = {"cpu": 97, "rx": 4.2e7, "errors": 0.97}
        self.world.sick["router"] = {"errors": 4.5e-06}
        self.await_summary(r"^1 (warning|critical) for \d+ (s|min)\s+nas: ")
        self.browser.await_text("body", "<0.0001")
        self.assertIn("network received", self.browser.text("body"))
        self.assertRegex(self.browser.text("body"), r"score (<0\.01|\d+(\.\d\d?)?) \(1 is a warning")
        self.assert_words()
        for screen in (NARROW, PHONE):
            self.browser.become(*screen)
            self.assertEqual(self.browser.run(CUT), [])
        self.picture("summary")

    def await_summary(self, sentence: str) -> None:
        def says():
            self.browser.open(f"{self.daemon.url}/status")
            return re.search(sentence, self.browser.text("h1"))
        eventually(f"the summary says {sentence}", says, pause=1)

    def check_silent_source(self) -> None:
        """What is said of all sources agrees with the mark beside each of them."""
        self.world.prometheus.server.RequestHandlerClass.do_POST = lambda handler: handler.send_error(500)
        self.browser.become(*PHONE)
        self.browser.open(self.daemon.url)
        self.browser.run("document.querySelectorAll('.fold').forEach((fold) => { fold.open = true; })")
        failing = "#checks li:has([aria-label='does not work:'])"
        self.browser.await_text(failing, "Prometheus")
        self.assertNotIn("source answered", self.browser.await_text("#jobs", "the source does not work"))
        self.browser.open(f"{self.daemon.url}/status")
        self.browser.await_text(".checks li:has([aria-label='does not work:'])", "Prometheus")
        self.assertIn("the source does not work", self.browser.text("body"))
        self.picture("silent-source", PHONE)
