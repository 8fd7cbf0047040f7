#!/usr/bin/env python3
"""dns-relay.py LISTEN PORT TARGET PORT [drop=PERCENT] [swap=PERCENT] [delay=MS] [fold] [count=FILE]: a bad network for DNS.

Passes UDP on, both ways: drops some datagrams, lets some overtake others (one that is swapped waits for the next, or 50 ms),
delays all. "fold" writes the names of replies in lower case, as a server that does not keep case. Writes how many queries
came to FILE. Pseudo-random, the same in every run. It says "ready" first.
"""
import heapq
import os
import random
import selectors
import socket
import sys
import time

listen, port, target, target_port = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
option = dict(w.partition("=")[::2] for w in sys.argv[5:])
drop, swap = int(option.get("drop", 0)), int(option.get("swap", 0))
delay = int(option.get("delay", 0)) / 1000
rand = random.Random(6)
ways = selectors.DefaultSelector()
here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
here.bind((listen, port))
ways.register(here, selectors.EVENT_READ)
there = {}  # client: socket to the target, whose port is the client's
queue = []  # (due, number, send, bytes)
number = queries = 0


def fold(b):
    end = b.index(b"\0", 12)
    return b[:12] + b[12:end].lower() + b[end:]


def put(send, b):
    global number
    if rand.randrange(100) < drop:
        return
    number += 1
    wait = 0.05 if rand.randrange(100) < swap else 0
    heapq.heappush(queue, (time.monotonic() + delay + wait, number, send, b))


def on_client():
    global queries
    b, client = here.recvfrom(65535)
    queries += 1
    if "count" in option:
        with open(option["count"] + ".new", "w") as f:
            print(queries, file=f)
        os.rename(option["count"] + ".new", option["count"])
    if client not in there:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.connect((target, target_port))
        ways.register(s, selectors.EVENT_READ, client)
        there[client] = s
    put(there[client].send, b)


def on_target(s, client):
    b = s.recv(65535)
    put(lambda b: here.sendto(b, client), fold(b) if "fold" in option else b)


print("ready", flush=True)
while True:
    timeout = max(0, queue[0][0] - time.monotonic()) if queue else None
    for key, _ in ways.select(timeout):
        try:
            if key.fileobj is here:
                on_client()
            else:
                on_target(key.fileobj, key.data)
        except ConnectionRefusedError:
            pass
    while queue and queue[0][0] <= time.monotonic():
        _, _, send, b = heapq.heappop(queue)
        try:
            send(b)
        except OSError:
            pass
