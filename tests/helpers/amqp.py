"""amqp.py OPTION=VALUE... put|get|open: a client of a message broker (AMQP 0-9-1), as much as the tests of the images need.

   put    declares the durable queue, publishes a persistent message to it and waits until the broker has it: "put"
   get    takes one message from the queue: its text, or "empty"
   open   opens a connection and a channel: "open"
Options: at=HOST:PORT user= password= vhost=/ queue=q text=, and for TLS ca=FILE, cert=FILE key=FILE (the client's own).
What the broker refused is said instead: "403 ACCESS_REFUSED", "refused before AMQP". Exits 0 in all these cases.
"""
import socket
import ssl
import struct
import sys

o = {"user": "guest", "password": "guest", "vhost": "/", "queue": "q", "text": "", "ca": "", "cert": "", "key": ""}
o.update(a.split("=", 1) for a in sys.argv[1:-1])


def short(s):
    return bytes([len(s.encode())]) + s.encode()


def long(b):
    return struct.pack(">I", len(b)) + b


class Refused(Exception):
    pass


class Connection:
    def __init__(self):
        host, port = o["at"].rsplit(":", 1)
        s = socket.create_connection((host, int(port)), 10)
        if o["ca"]:
            context = ssl.create_default_context(cafile=o["ca"])
            context.check_hostname = False
            if o["cert"]:
                context.load_cert_chain(o["cert"], o["key"])
            s = context.wrap_socket(s, do_handshake_on_connect=False)
        self.f = s.makefile("rwb")
        try:
            self.f.write(b"AMQP\0\0\x09\x01")
            self.f.flush()
            self.expect(10, 10)  # connection.start
        except (OSError, EOFError) as e:
            if isinstance(e, ssl.SSLCertVerificationError):
                raise
            # in TLS 1.3 the client hears of it, by an alert or a reset, after its own part of the handshake
            raise Refused("refused before AMQP")
        # with this capability a refused login is said at once
        capabilities = short("capabilities") + b"F" + long(short("authentication_failure_close") + b"t\1")
        login = b"\0" + o["user"].encode() + b"\0" + o["password"].encode()
        self.send(0, 10, 11, long(capabilities) + short("PLAIN") + long(login) + short("en_US"))
        tune = self.expect(10, 30)
        self.send(0, 10, 31, tune[:8])
        self.send(0, 10, 40, short(o["vhost"]) + short("") + b"\0")
        self.expect(10, 41)  # open-ok
        self.send(1, 20, 10, short(""))
        self.expect(20, 11)  # channel.open-ok

    def frame(self, kind, channel, payload):
        self.f.write(struct.pack(">BHI", kind, channel, len(payload)) + payload + b"\xce")
        self.f.flush()

    def send(self, channel, cls, method, arguments):
        self.frame(1, channel, struct.pack(">HH", cls, method) + arguments)

    def receive(self):
        """the next frame that is no heartbeat: its kind and its payload"""
        while True:
            head = self.f.read(7)
            if len(head) < 7:
                raise EOFError
            kind, _, size = struct.unpack(">BHI", head)
            payload = self.f.read(size + 1)[:-1]
            if kind != 8:
                return kind, payload

    def expect(self, cls, *methods):
        kind, payload = self.receive()
        got = struct.unpack(">HH", payload[:4])
        if got in ((10, 50), (20, 40)):  # the broker closes the connection, the channel
            raise Refused("%d %s" % (struct.unpack(">H", payload[4:6])[0], payload[7:7 + payload[6]].decode().split()[0]))
        if kind != 1 or got[0] != cls or got[1] not in methods:
            raise Refused("unexpected method %d %d" % got)
        self.method = got[1]
        return payload[4:]

    def put(self):
        self.send(1, 50, 10, b"\0\0" + short(o["queue"]) + b"\2" + long(b""))  # queue.declare, durable
        self.expect(50, 11)
        self.send(1, 85, 10, b"\0")  # confirm.select
        self.expect(85, 11)
        self.send(1, 60, 40, b"\0\0" + short("") + short(o["queue"]) + b"\0")  # basic.publish
        text = o["text"].encode()
        self.frame(2, 1, struct.pack(">HHQHB", 60, 0, len(text), 0x1000, 2))  # delivery-mode 2: persistent
        self.frame(3, 1, text)
        self.expect(60, 80)  # basic.ack
        return "put"

    def get(self):
        self.send(1, 60, 70, b"\0\0" + short(o["queue"]) + b"\1")  # basic.get, no-ack
        self.expect(60, 71, 72)
        if self.method == 72:
            return "empty"
        size, text = struct.unpack(">Q", self.receive()[1][4:12])[0], b""
        while len(text) < size:
            text += self.receive()[1]
        return text.decode()

    def open(self):
        return "open"

    def close(self):
        self.send(0, 10, 50, struct.pack(">H", 200) + short("") + struct.pack(">HH", 0, 0))
        self.expect(10, 51)


try:
    c = Connection()
    said = getattr(c, sys.argv[-1])()
    c.close()
    print(said)
except Refused as e:
    print(e)
except OSError as e:
    sys.exit("amqp: fatal: %s" % e)
