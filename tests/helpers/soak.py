"""soak.py TOP SECONDS SERVICES: process 1 of pid and network namespaces of its own, outside the tree that it observes.

A tree of SERVICES services with loggers under svscan, a resolver under dnsperf, confd and consul-template whose values change every
second. Every second a service and a logger are restarted and the newest values are looked for; every 10 s a sample is taken.
At the end a verdict in TAP, and two tables. BIN, HELPERS, COMPACT and SANITIZED in the environment; the samples go to $SAMPLES.
What has to hold: the last third of the time has no more memory and no more descriptors than the first, by more than a page a
process (ALLOWED says where it is more); no process too many or too few; no zombie that stays; every line in its log exactly
once and in order; every value arrives; no query is lost; nobody says anything."""
import base64, fcntl, json, os, signal, socket, statistics, struct, subprocess, sys, time

from svtree import census, comm, make, places, processes, read

top, seconds, services = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
bin_, helpers = os.environ["BIN"], os.environ["HELPERS"]
compact, sanitized = bool(os.environ.get("COMPACT")), bool(os.environ.get("SANITIZED"))
scan, logs, storm = places(top)
names = ["s%03d" % i for i in range(services)]
EVERY, WAIT, PAGE = 10, 60, os.sysconf("SC_PAGESIZE") // 1024
UPSTREAM, RESOLVER = 5301, 5300
wanted = {"svscan": 1, "supervise": 0 if compact else 2 * services, "svlog": services, "stormcount": services, "resolver": 1,
          "confd": 1, "consul-template": 1, "consul-fetch": 1}
judged = [k for k in wanted if wanted[k] and k != "stormcount"]
# kB in all: beyond a page a process. The allocator of those that link libraries rounds and keeps.
ALLOWED = {"resolver": 64, "confd": 64, "consul-template": 64, "consul-fetch": 64}
# sockets of queries that are on their way
IN_FLIGHT = {"resolver": 4, "consul-fetch": 1}
wrong, samples, cpu, cpu_seen = {}, [], {}, {}
expected, lines, restarts = {}, 0, 0
number = 0


def say(what, detail):
    """keeps what did not hold: a verdict, and the first of what speaks against it"""
    wrong.setdefault(what, []).append(detail)
    if len(wrong[what]) == 1:
        print("# %s: %s" % (what, detail), flush=True)


def reap():
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


def within(seconds, holds):
    end = time.monotonic() + seconds
    while True:
        reap()
        if holds():
            return True
        if time.monotonic() > end:
            return False
        time.sleep(0.02)


# ---- what runs


def start(name, *argv):
    with open("%s/err.%s" % (top, name), "ab") as err, open("%s/out.%s" % (top, name), "ab") as out:
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err)


def put(path, text):
    """a file that appears whole"""
    with open(path + ".new", "w") as f:
        f.write(text)
    os.rename(path + ".new", path)


def loopback():
    with socket.socket() as s:
        request = struct.pack("16sh", b"lo", 0x1)  # IFF_UP
        fcntl.ioctl(s, 0x8914, request.ljust(40, b"\0"))  # SIOCSIFFLAGS


def start_dns():
    with open(top + "/upstream.conf", "w") as f, open(top + "/names", "w") as queries:
        f.write('server:\n interface: 127.0.0.1@%d\n chroot: ""\n username: ""\n directory: "%s"\n pidfile: ""\n do-daemonize: no\n'
                ' use-syslog: no\n access-control: 127.0.0.0/8 allow\n module-config: "iterator"\n local-zone: "soak.test." static\n'
                % (UPSTREAM, top))
        for i in range(200):
            f.write(' local-data: "n%d.soak.test. 300 A 10.1.2.%d"\n' % (i, i))
            queries.write("n%d.soak.test A\n" % i)
            queries.write("gone%d.soak.test AAAA\n" % i)
        f.write("remote-control:\n control-enable: no\n")
    upstream = start("unbound", "unbound", "-d", "-c", top + "/upstream.conf")
    # fewer replies are kept than there are names
    resolver = start("resolver", bin_ + "/resolver", "--listen", "127.0.0.1:%d" % RESOLVER, "--nameservers",
                     "127.0.0.1:%d" % UPSTREAM, "--hostsfile", top + "/hosts", "--rcache", "100")
    return upstream, resolver


def ask(name):
    """the address that the resolver has for it, or none"""
    query = struct.pack(">6H", 77, 0x100, 1, 0, 0, 0)
    query += b"".join(bytes([len(w)]) + w.encode() for w in name.split(".")) + b"\0" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(2)
        try:
            s.sendto(query, ("127.0.0.1", RESOLVER))
            reply = s.recv(512)
        except OSError:
            return None
    return socket.inet_ntoa(reply[-4:]) if len(reply) > len(query) else None


def address(n):
    return "10.%d.%d.%d" % (n >> 16 & 255, n >> 8 & 255, n & 255)


def set_values(n):
    """the values of confd, which writes the hosts file, and of consul-template"""
    put(top + "/values.yml", "app:\n  address: %s\n  text: %s\n" % (address(n), "x" * (1 + n % 50)))
    value = base64.b64encode(b"value %d" % n).decode()
    body = [{"Key": "app", "Value": value, "Flags": 0, "CreateIndex": 1, "ModifyIndex": n, "LockIndex": 0}]
    put(top + "/agent/v1_kv_app", "200\nX-Consul-Index: %d\nX-Consul-KnownLeader: true\nX-Consul-LastContact: 0\n\n%s" % (n, json.dumps(body)))


def start_templates():
    for d in ("/agent", "/confd", "/confd/conf.d", "/confd/templates"):
        os.mkdir(top + d)
    with open(top + "/confd/conf.d/hosts.toml", "w") as f:
        f.write('[template]\nsrc = "hosts"\ndest = "%s/hosts"\nkeys = ["/app"]\n' % top)
    with open(top + "/confd/templates/hosts", "w") as f:
        f.write('{{getv "/app/address"}} hot.soak.test # {{getv "/app/text"}}\n')
    with open(top + "/ct.tmpl", "w") as f:
        f.write('{{key "app"}}\n')
    set_values(1)
    agent = start("agent", sys.executable, helpers_source + "/consul-agent.py", top + "/agent")
    within(WAIT, lambda: read(top + "/agent/port"))
    confd = start("confd", bin_ + "/confd", "-watch", "-backend", "file", "-file", top + "/values.yml", "-confdir", top + "/confd",
                  "-log-level", "error")
    ct = start("consul-template", bin_ + "/consul-template", "-consul", "127.0.0.1:" + read(top + "/agent/port").decode().strip(),
               "-template", "%s/ct.tmpl:%s/ct.out" % (top, top))
    return agent, confd, ct


# ---- every second


def values_arrive(n):
    if not within(WAIT, lambda: read(top + "/ct.out") == b"value %d\n" % n):
        say("every value of consul-template arrives", "value %d" % n)
    if not within(WAIT, lambda: ask("hot.soak.test") == address(n)):
        say("every value of confd arrives, and is answered by the resolver", "%s is %s" % (address(n), ask("hot.soak.test")))


def client(*argv):
    global restarts
    p = subprocess.run([bin_ + "/" + argv[0], *argv[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       check=False)
    # process 1 may have reaped it: then the code is lost, but not what it said
    if p.returncode or (p.stdout and argv[0] != "svls"):
        say("every command succeeds", "%s: %s %s" % (" ".join(argv), p.returncode, p.stdout.decode()))


def tick(n):
    global restarts
    service = scan + "/" + names[n % services]
    client("s6-svc", "-wR", "-T", "60000", "-r", service)
    client("s6-svc", "-wR", "-T", "60000", "-r", scan + "/" + names[n * 7 % services] + "/log")
    restarts += 2
    if n % 10 == 0:
        client("svscanctl", "-a", scan)
        client("svls", scan)
    set_values(n)
    values_arrive(n)


# ---- every ten


def take_lines(d, f):
    global lines
    for line in read(d + "/" + f).split(b"\n")[:-1]:
        try:
            who, count = line.decode().split(" ")
            count = int(count)
        except ValueError:
            say("every line is in its log once, in order", "%s/%s: torn: %r" % (d, f, line))
            continue
        if count != expected.get(who, 0):
            say("every line is in its log once, in order", "%s has %d after %d" % (who, count, expected.get(who, 0) - 1))
        expected[who] = count + 1
        lines += 1


def take_archives():
    for n in names:
        d = logs + "/" + n
        for f in sorted(x for x in os.listdir(d) if x.startswith("@")):
            take_lines(d, f)
            os.unlink(d + "/" + f)


def all_lines():
    take_archives()
    for n in names:
        take_lines(logs + "/" + n, "current")
    for who in os.listdir(storm + "/progress"):
        raw = read(storm + "/progress/" + who)
        written = struct.unpack("=Q", raw)[0] if len(raw) == 8 else 0
        # one that ended between its line and the count of it has one more
        if expected.get(who, 0) not in (written, written + 1):
            say("every line is in its log once, in order", "%s: %d of %d" % (who, expected.get(who, 0), written))


def private_kb(pid):
    return sum(int(line.split()[1]) for line in read("/proc/%d/smaps_rollup" % pid).splitlines()
               if line.startswith((b"Private_Dirty:", b"Swap:")))


def cpu_of(pid, name):
    fields = read("/proc/%d/stat" % pid).decode().rpartition(")")[2].split()
    if len(fields) > 19:
        key, now = (pid, fields[19]), int(fields[11]) + int(fields[12])
        cpu[name] = cpu.get(name, 0) + now - cpu_seen.get(key, 0)
        return key, now
    return None


def sample(began):
    global cpu_seen
    if not within(WAIT, lambda: all(census().get(k, 0) == wanted[k] for k in wanted)):
        n = census()
        say("the number of processes never changes", "%s" % {k: n.get(k, 0) for k in wanted if n.get(k, 0) != wanted[k]})
    if not within(WAIT, lambda: census()["zombie"] == 0):
        say("no zombie stays", "%d" % census()["zombie"])
    s = {k: [0, 0, 0] for k in wanted}
    seen = {}
    for pid, (name, _) in processes().items():
        if name in s:
            try:
                fds = len(os.listdir("/proc/%d/fd" % pid))
            except OSError:
                continue
            s[name][0] += 1
            s[name][1] += private_kb(pid)
            s[name][2] += fds
            entry = cpu_of(pid, name)
            if entry:
                seen[entry[0]] = entry[1]
    cpu_seen = seen
    t = round(time.monotonic() - began)
    samples.append((t, s))
    with open(os.environ["SAMPLES"], "a") as f:
        f.write("%d\t%s\n" % (t, "\t".join("%d\t%d\t%d" % tuple(s[k]) for k in judged)))
    take_archives()


# ---- the end


def case(what):
    global number
    number += 1
    bad = wrong.get(what, [])
    print("%sok %d - %s" % ("not " if bad else "", number, what))
    for d in bad[:10]:
        print("# " + d)


def thirds(k, column):
    values = [s[k][column] for _, s in samples]
    n = max(1, len(values) // 3)
    return values[:n], values[-n:]


def judge(k):
    first, last = (statistics.mean(x) for x in thirds(k, 1))
    what = "%s: memory is flat" % k
    if sanitized:
        global number
        number += 1
        print("ok %d - %s # SKIP a sanitizer keeps what was freed" % (number, what))
    else:
        if last > first + wanted[k] * PAGE + ALLOWED.get(k, 0):
            say(what, "%.0f kB in the first third, %.0f in the last" % (first, last))
        case(what)
    first, last = (statistics.median(x) for x in thirds(k, 2))
    what = "%s: descriptors are flat" % k
    if last > first + IN_FLIGHT.get(k, 0):
        say(what, "%g, then %g" % (first, last))
    case(what)


def queries_lost(dnsperf):
    dnsperf.send_signal(signal.SIGINT)
    lost = within(WAIT, lambda: b"Queries lost" in read(top + "/out.dnsperf"))
    report = read(top + "/out.dnsperf").decode()
    got = {w[0]: int(w[1].split()[0]) for w in (x.strip().split(":") for x in report.splitlines()) if len(w) == 2 and w[0].startswith("Queries ") and w[1].split()[0].isdigit()}
    if not lost or got.get("Queries lost", 1) or not got.get("Queries completed"):
        say("no query is lost", "%s" % got)
    return got.get("Queries completed", 0)


def silence():
    for f in sorted(os.listdir(top)):
        if f.startswith("err.") and f not in ("err.unbound", "err.agent", "err.dnsperf"):
            text = read(top + "/" + f).decode(errors="replace").strip()
            if text:
                say("nobody says anything", "%s: %s" % (f, text[:2000]))


def tables(queries, elapsed):
    hz = os.sysconf("SC_CLK_TCK")
    print("# %d s, %d samples; %d lines, %d restarts, %d queries" % (elapsed, len(samples), lines, restarts, queries))
    print("#")
    print("# | %-15s | %9s | %21s | %22s | %5s |" % ("", "processes", "private kB, 1st, last", "descriptors, 1st, last", "CPU s"))
    for k in judged:
        (a, b), (c, d) = thirds(k, 1), thirds(k, 2)
        print("# | %-15s | %9d | %9.0f, %10.0f | %9g, %11g | %5.1f |" % (k, wanted[k], statistics.mean(a), statistics.mean(b), statistics.median(c),
              statistics.median(d), cpu.get(k, 0) / hz))
    print("#")
    print("# | %7s | %s |" % ("minutes", " | ".join("%15s" % k for k in judged)))
    step = max(1, len(samples) // 12)
    for i in range(0, len(samples), step):
        t, s = samples[i]
        print("# | %7.1f | %s |" % (t / 60, " | ".join("%15s" % ("%d / %d" % (s[k][1], s[k][2])) for k in judged)))
    print("# (private kB / descriptors)")


helpers_source = os.path.dirname(os.path.abspath(__file__))
loopback()
os.environ["STORM_PAUSE"] = "200"
make(top, names, 16384)
tree = start("svscan", bin_ + "/svscan", *(["--compact"] if compact else []), "-t", "0", "-C", str(2 * services + 10), scan)
agent, confd, ct = start_templates()
within(WAIT, lambda: os.path.exists(top + "/hosts"))
upstream, resolver = start_dns()
within(WAIT, lambda: ask("n1.soak.test") == "10.1.2.1")
# as fast as it can: what the resolver has been given for its cache it has then used
subprocess.run(["dnsperf", "-s", "127.0.0.1", "-p", str(RESOLVER), "-d", top + "/names", "-l", "5"], stdin=subprocess.DEVNULL,
               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
dnsperf = start("dnsperf", "dnsperf", "-s", "127.0.0.1", "-p", str(RESOLVER), "-d", top + "/names", "-l", "1000000", "-Q", "300",
                "-c", "4", "-T", "1", "-t", "30")
if not within(120, lambda: all(census().get(k, 0) == wanted[k] for k in wanted)):
    say("everything starts", "%s" % census())
values_arrive(1)
# each is restarted once before it counts: the first life is not like the others
began = time.monotonic()
n = 1
for i in range(EVERY):
    tick(n := n + 1)
began = time.monotonic()
due, sample_due = began, began
while time.monotonic() < began + seconds:
    n += 1
    tick(n)
    if time.monotonic() >= sample_due:
        sample(began)
        sample_due += EVERY
    due += 1
    while time.monotonic() < due:
        reap()
        time.sleep(max(0, min(0.1, due - time.monotonic())))
    due = max(due, time.monotonic() - 1)
elapsed = time.monotonic() - began
queries = queries_lost(dnsperf)
client("svscanctl", "-t", scan)
for p in (confd, ct, resolver, upstream):
    p.terminate()
agent.kill()
if not within(120, lambda: census() == {"zombie": 0}):
    say("everything ends", "%s" % census())
all_lines()
silence()
for what in ("everything starts", "the number of processes never changes", "no zombie stays", "every line is in its log once, in order",
             "every value of confd arrives, and is answered by the resolver", "every value of consul-template arrives",
             "every command succeeds", "no query is lost", "nobody says anything", "everything ends"):
    case(what)
for k in judged:
    judge(k)
print("1..%d" % number)
tables(queries, elapsed)
sys.exit(bool(wrong))
