#!/usr/bin/env python3
"""httpload.py URL DIR: asks for URL, four at a time, each with a connection of its own, until TERM.

DIR/failed gets a line for each request that was not answered with 200 within 5 s: when it began (seconds since 1970, with
fractions) and what came instead. DIR/requests has the number of requests so far, every 100, and at the end."""

import os
import signal
import sys
import threading
import time
import urllib.request

url, where = sys.argv[1:]
failed = open(os.path.join(where, "failed"), "w", buffering=1)
lock = threading.Lock()
over = threading.Event()
count = 0


def note():
    with open(os.path.join(where, "requests.new"), "w") as f:
        print(count, file=f)
    os.rename(f.name, os.path.join(where, "requests"))


def ask():
    global count
    while not over.is_set():
        began = time.time()
        why = None
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                answer.read()
                if answer.status != 200:
                    why = answer.status
        except OSError as e:
            why = e
        with lock:
            count += 1
            if why is not None:
                print(f"{began:.3f} {why}", file=failed)
            if count % 100 == 0:
                note()
        time.sleep(0.01)


signal.signal(signal.SIGTERM, lambda *_: over.set())
askers = [threading.Thread(target=ask) for _ in range(4)]
for a in askers:
    a.start()
for a in askers:
    while a.is_alive():
        a.join(0.2)
note()
