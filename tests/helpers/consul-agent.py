"""A stand-in for Consul's agent: python3 consul-agent.py DIR [--unix PATH | --tls CERT KEY]
Answers GET /PATH from the file DIR/PATH (slashes are _; with tag=T, _T behind it): first line STATUS, then header lines, an empty line, the body.
A request with index= of the file's X-Consul-Index waits until the file changes or its wait is over. Writes its port to
DIR/port, each request's line and headers to DIR/log. A file whose first line is "hang" is never answered, "drop" closes."""
import http.server, os, socketserver, ssl, sys, threading, time, urllib.parse

D = sys.argv[1]

class Agent(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *a):
        pass

    def address_string(self):
        return "-"

    def read(self, name):
        for i in range(500):
            try:
                with open(os.path.join(D, name.strip("/").replace("/", "_"))) as f:
                    text = f.read()
                if text:
                    return text
            except FileNotFoundError:
                return "404\n\n"
            time.sleep(0.01)
        return "500\n\n"

    def do_GET(self):
        with open(D + "/log", "a") as f:
            f.write(self.requestline + "".join("|%s: %s" % h for h in self.headers.items()) + "\n")
        url = urllib.parse.urlsplit(self.path)
        q = urllib.parse.parse_qs(url.query)
        wait = int(q.get("wait", ["0ms"])[0][:-2]) / 1000
        end = time.monotonic() + wait
        while True:
            text = self.read(url.path + "".join("_" + t for t in q.get("tag", [])))
            head, _, body = text.partition("\n\n")
            status, *headers = head.split("\n")
            index = [h.split(": ")[1] for h in headers if h.startswith("X-Consul-Index")]
            if "index" not in q or not index or q["index"] != index or time.monotonic() >= end or "X-Storm: 1" in headers:
                break
            time.sleep(0.01)
        if status == "hang":
            time.sleep(3600)
        if status == "drop":
            self.close_connection = True
            return
        self.send_response(int(status))
        for h in headers:
            self.send_header(*h.split(": ", 1))
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

class Threads(socketserver.ThreadingMixIn):
    daemon_threads = True

    def handle_error(self, *a):
        pass  # who has asked may go at any time; a traceback would tear the test's lines

class Server(Threads, http.server.HTTPServer):
    request_queue_size = 256

class Unix(Threads, socketserver.UnixStreamServer):
    pass

if "--unix" in sys.argv:
    server = Unix(sys.argv[3], Agent)
    port = 0
else:
    server = Server(("127.0.0.1", 0), Agent)
    port = server.server_address[1]
if "--tls" in sys.argv:
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(sys.argv[3], sys.argv[4])
    if len(sys.argv) > 5:
        c.load_verify_locations(sys.argv[5])
        c.verify_mode = ssl.CERT_REQUIRED
    server.socket = c.wrap_socket(server.socket, server_side=True)
with open(D + "/port.new", "w") as f:
    f.write(str(port))
os.rename(D + "/port.new", D + "/port")
server.serve_forever()
