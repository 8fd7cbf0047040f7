#!/usr/bin/env python3
"""browse.py URL PATTERN SECONDS PICTURE: opens URL in a headless Chromium until the text of the page, as it is shown, matches the
regular expression PATTERN (a dot matches a line's end too).

Prints that text; PICTURE gets a screenshot (PNG). Exits 0, or 1 where it does not match in time: then the text is what there was
at the end. Chromium is driven by chromedriver (WebDriver's HTTP), with a profile of its own, and both have ended when it ends."""

import base64
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

url, pattern, seconds, picture = sys.argv[1:]
end = time.monotonic() + float(seconds)
options = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--window-size=1200,900",
]


def call(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(driver_url + path, data, {"Content-Type": "application/json"}, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=120) as answer:
        return json.load(answer)["value"]


with tempfile.TemporaryDirectory() as profile:
    driver = subprocess.Popen(["chromedriver", "--port=0"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        for line in driver.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                break
        else:
            sys.exit("browse: chromedriver does not start")
        driver_url = f"http://127.0.0.1:{found[1]}"
        wanted = {"browserName": "chrome", "goog:chromeOptions": {"args": options + [f"--user-data-dir={profile}"]}}
        for attempt in 1, 2, 3:  # on a busy machine Chromium may not be there in the driver's time
            try:
                session = "/session/" + call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]
                break
            except urllib.error.HTTPError:
                if attempt == 3:
                    raise
        try:
            call("POST", session + "/url", {"url": url})
            while True:
                text = call("POST", session + "/execute/sync", {"script": "return document.body.innerText", "args": []})
                matches = re.search(pattern, text, re.DOTALL)
                if matches or time.monotonic() > end:
                    break
                time.sleep(0.1)
            with open(picture, "wb") as f:
                f.write(base64.b64decode(call("GET", session + "/screenshot")))
        finally:
            call("DELETE", session)
    finally:
        driver.terminate()
        driver.wait()
print(text)
sys.exit(0 if matches else 1)
