# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium, driven through chromedriver's HTTP interface (W3C WebDriver) with nothing but Python's own library."""
import base64
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "ArrowDown": "\ue015", "ArrowUp": "\ue013", "ArrowRight": "\ue014", "ArrowLeft": "\ue012", "Tab": "\ue004"}


def missing():
    """Why there is no browser here; None when there is one."""
    for program, package in (("chromium", "chromium"), ("chromedriver", "chromium-driver")):
        if not shutil.which(program):
            return f"{program} is not installed (apt-get install {package})"
    return None


class Browser:
    """Start it in a `with` statement; the page sees a window of the given size."""

    def __init__(self, width=1400, height=950):
        self.profile = tempfile.mkdtemp(prefix="corewise-browser-")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self.log = open(os.path.join(self.profile, "chromedriver.log"), "wb")
        self.driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=self.log, stderr=self.log)
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-default-browser-check",
                     f"--user-data-dir={self.profile}/profile", f"--window-size={width},{height}"]
        wanted = {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": {"binary": shutil.which("chromium"), "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}}
        self.session = None
        try:
            self._await_driver()
            self.session = self._call("POST", "/session", wanted)["sessionId"]
            self._do("POST", "/url", {"url": "about:blank"})  # what the browser's own first page loads is not ours
            self.console()
            self.requests()
        except Exception:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        self.close()

    def close(self):
        if self.session:
            try:
                self._call("DELETE", f"/session/{self.session}")
            except (OSError, RuntimeError):
                pass
            self.session = None
        self.driver.terminate()
        self.driver.wait(20)
        self.log.close()
        shutil.rmtree(self.profile, ignore_errors=True)

    def _await_driver(self):
        for _ in range(200):
            try:
                self._call("GET", "/status")
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("chromedriver does not answer within 20 s")

    def _call(self, method, path, body=None):
        request = urllib.request.Request(self.address + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {json.load(error)['value']['message']}") from error

    def _do(self, method, path, body=None):
        return self._call(method, f"/session/{self.session}{path}", body)

    def open(self, file, address=""):
        self._do("POST", "/url", {"url": pathlib.Path(file).resolve().as_uri() + address})

    def run(self, script, *arguments):
        """What the JavaScript returns; `arguments[0]` … are what is passed."""
        return self._do("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, condition, *arguments, seconds=20):
        """Until the JavaScript expression is true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.run(f"return Boolean({condition})", *arguments):
                return
            time.sleep(0.05)
        raise AssertionError(f"not within {seconds} s: {condition}")

    def find(self, selector):
        return self._do("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self._do("POST", f"/element/{self.find(selector)}/click", {})

    def type(self, selector, text):
        self._do("POST", f"/element/{self.find(selector)}/value", {"text": text})

    def press(self, *keys):
        """Keys go to what has the focus."""
        actions = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self._do("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def text(self, selector):
        return self.run("const found = document.querySelector(arguments[0]); return found ? found.innerText : null", selector)

    def texts(self, selector):
        return self.run("return [...document.querySelectorAll(arguments[0])].map((each) => each.innerText)", selector)

    def prefer(self, scheme):
        """What the system prefers: light or dark."""
        self._do("POST", "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {"features": [{"name": "prefers-color-scheme", "value": scheme}]}})

    def screenshot(self, file):
        pathlib.Path(file).write_bytes(base64.b64decode(self._do("GET", "/screenshot")))

    def print_page(self):
        """The page as PDF bytes."""
        return base64.b64decode(self._do("POST", "/print", {}))

    def console(self):
        """What the page said since the last call: warnings, errors, refused loads."""
        return [f"{entry['level']}: {entry['message']}" for entry in self._do("POST", "/se/log", {"type": "browser"})]

    def requests(self):
        """Addresses that were asked for since the last call."""
        events = [json.loads(entry["message"])["message"] for entry in self._do("POST", "/se/log", {"type": "performance"})]
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
