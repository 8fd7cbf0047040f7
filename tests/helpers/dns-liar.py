#!/usr/bin/env python3
"""dns-liar.py PORT: a DNS server on 127.0.0.1 that others try to talk over, for tests/prog/container-find.

Before it answers, the client gets replies with a wrong id, a wrong question and wrong flags from the right port, and a
perfect one from another port. All of them say 10.66.6.6; the truth is 10.0.0.1, for every A. It says "ready" first.
"""
import socket
import struct
import sys

LIE, TRUTH = bytes([10, 66, 6, 6]), bytes([10, 0, 0, 1])


def reply(query, address, ident=None, name=None, flags=0x8180):
    end = query.index(b"\0", 12) + 5
    question = query[12:end]
    if name is not None:
        question = name + question[-4:]
    qtype = struct.unpack(">H", question[-4:-2])[0]
    answers = b""
    if qtype == 1:
        answers = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 5, 4) + address
    head = struct.pack(">HHHHHH", ident if ident is not None else struct.unpack(">H", query[:2])[0],
                       flags, 1, qtype == 1, 0, 0)
    return head + question + answers


def main():
    here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    here.bind(("127.0.0.1", int(sys.argv[1])))
    elsewhere = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    elsewhere.bind(("127.0.0.1", 0))
    print("ready", flush=True)
    while True:
        query, client = here.recvfrom(4096)
        ident = struct.unpack(">H", query[:2])[0]
        elsewhere.sendto(reply(query, LIE), client)
        here.sendto(reply(query, LIE, ident=ident ^ 1), client)
        here.sendto(reply(query, LIE, name=b"\5other\4name\0"), client)
        here.sendto(reply(query, LIE, flags=0x0100), client)
        here.sendto(b"\0" * 5, client)
        here.sendto(reply(query, TRUTH), client)


main()
