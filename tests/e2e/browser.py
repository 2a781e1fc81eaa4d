"""A headless Chromium, driven over the WebDriver protocol by standard library alone."""
import base64
import json
import os
import pathlib
import shutil
import unittest
import urllib.error
import urllib.request

from processes import Process, eventually, free_port

ENTER, TAB = "\ue007", "\ue004"
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser(Process):
    """Skips the test where there is no Chromium with its driver."""

    def __init__(self, folder: pathlib.Path):
        driver = shutil.which("chromedriver")
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        if not driver or not chromium:
            raise unittest.SkipTest("no chromium and chromedriver; on Debian: apt-get install chromium chromium-driver")
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self.session = ""
        # Chromium's own helpers end with its driver only when that is asked to end.
        super().__init__("chromedriver", folder, driver, f"--port={port}", env={"HOME": str(folder)})
        self.await_http(f"{self.url}/status")
        arguments = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update",
                     f"--user-data-dir={folder}/chromium"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        made = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"binary": chromium, "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = f"/session/{made['sessionId']}"

    def _ask(self, method: str, path: str, body: dict | None = None):
        request = urllib.request.Request(self.url + path, method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read())["value"]
        except urllib.error.HTTPError as refused:
            raise ValueError(json.loads(refused.read())["value"]["message"]) from None

    def kill(self) -> None:
        if self.running() and self.session:
            try:
                self._ask("DELETE", self.session)
            except (OSError, ValueError):
                pass
            self.session = ""
        super().kill()

    def devtools(self, command: str, **params):
        return self._ask("POST", f"{self.session}/goog/cdp/execute", {"cmd": command, "params": params})

    def become(self, width: int, height: int, dark: bool = False, script: bool = True) -> None:
        """A screen of this size, a taste, and with or without JavaScript."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                      mobile=width < 600)
        self.devtools("Emulation.setEmulatedMedia",
                      features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.devtools("Emulation.setScriptExecutionDisabled", value=not script)

    def open(self, url: str) -> None:
        self._ask("POST", f"{self.session}/url", {"url": url})

    def run(self, script: str, *arguments):
        """The value of a function's body."""
        return self._ask("POST", f"{self.session}/execute/sync", {"script": script, "args": list(arguments)})

    def source(self) -> str:
        return self._ask("GET", f"{self.session}/source")

    def address(self) -> str:
        return self._ask("GET", f"{self.session}/url")

    def text(self, selector: str) -> str:
        """What is visible there, of the first such element."""
        return self.run("const e = document.querySelector(arguments[0]); return e ? e.innerText : ''",
                        selector).replace("\u00a0", " ")

    def set(self, selector: str, value: str, event: str) -> None:
        """As a person would, but at once."""
        self.run("const e = document.querySelector(arguments[0]); e.value = arguments[1]; "
                 "e.dispatchEvent(new Event(arguments[2]))", selector, value, event)

    def count(self, selector: str) -> int:
        return self.run("return document.querySelectorAll(arguments[0]).length", selector)

    def _element(self, selector: str) -> str:
        return self._ask("POST", f"{self.session}/element", {"using": "css selector", "value": selector})[_ELEMENT]

    def click(self, selector: str) -> None:
        self._ask("POST", f"{self.session}/element/{self._element(selector)}/click", {})

    def type(self, selector: str, text: str) -> None:
        self._ask("POST", f"{self.session}/element/{self._element(selector)}/value", {"text": text})

    def press(self, *keys: str) -> None:
        """Where the focus is."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": actions}
        self._ask("POST", f"{self.session}/actions", {"actions": [keyboard]})

    def complaints(self) -> list[str]:
        """What the console got since the last call: errors, refused contents, exceptions. Not those of the browser's own
        first page, which is left while it is still being made."""
        return [entry["message"] for entry in self._ask("POST", f"{self.session}/se/log", {"type": "browser"})
                if entry["level"] in ("SEVERE", "WARNING") and not entry["message"].startswith("chrome://")]

    def picture(self, path: pathlib.Path, whole: bool = False) -> None:
        image = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=whole,
                              **({"clip": {"x": 0, "y": 0, "scale": 1, **self._size()}} if whole else {}))
        path.write_bytes(base64.b64decode(image["data"]))

    def _size(self) -> dict:
        width, height = self.run("return [innerWidth, Math.min(8000, document.documentElement.scrollHeight)]")
        return {"width": width, "height": height}

    def await_text(self, selector: str, part: str, patience: float = 60) -> str:
        def seen():
            text = self.text(selector)
            if part not in text:
                raise ValueError(text)
            return text
        return eventually(f"{selector} shows {part!r}", seen, patience)
