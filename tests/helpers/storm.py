"""storm.py TOP SVSCAN SERVICES KILLS SEED: process 1 of a pid namespace, outside the tree that it observes.

Starts SVSCAN on SERVICES services (stormcount) with loggers (SVSCAN is init: init, which has them in /etc/services.d), kills KILLS processes of the tree with SIGKILL, in rounds of
ROUND, and tells what did not hold, a line each; exit code 0 if nothing. BIN and HELPERS in the environment say where the programs are.
  always            no second copy of a service; a status has its size
  after each round  everything is up within the deadline, every record true, every logger joined to its service; no zombie, process, descriptor, listener or
                    temporary file too many
  at the end        everything ends; each line is in its log at most once and in order; for each kill of a logger one run of
                    lines may be missing, of 64 KiB at most, and otherwise none. In compact mode only svscan, the service and
                    the logger hold their pipe: what is in it is gone too where svscan, and then the service before the next
                    svscan has come to it, are killed while the logger is not there
A seed says who is killed and when; what the kernel makes of it differs. Of a service whose log is wrong the last kills are told."""
import os, random, signal, struct, subprocess, sys, time

from svtree import census, comm, make, places, processes, read, script

top, svscan, services, kills, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
compact = bool(os.environ.get("COMPACT"))
under_init = svscan.endswith("/init")
scan, logs, storm = places(top)
live = "/run/s6/services" if under_init else scan
names = ["s%03d" % i for i in range(services)]
wrong = []
log_kills = dict.fromkeys(names, 0)
done = {}
tree = None
READ = 65536
ROUND = 250
HOLDS = 10 # seconds, in which an svscan that starts has taken all pipes up, and has started a logger again


def say(what):
    if what not in wrong:
        wrong.append(what)
        print("wrong: " + what, flush=True)


def start():
    global tree
    argv = [svscan] if under_init else [svscan, "-t", "0", "-C", str(2 * services + 10), scan]
    with open(top + "/err", "ab") as err:
        tree = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=err, stderr=err)


def prepare_init():
    """/etc and /run of our own; the services of TOP/scan in /etc/services.d"""
    keep = {f: read("/etc/" + f) for f in ("passwd", "group", "ld.so.cache")}
    for d in ("/etc", "/run"):
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", d], check=True)
    for f, content in keep.items():
        with open("/etc/" + f, "wb") as out:
            out.write(content)
    os.symlink(scan, "/etc/services.d")
    for n in names:
        os.unlink(scan + "/" + n + "/run")
        script(scan + "/" + n + "/run", "export STORM=%s\nexec %s/stormcount" % (storm, os.environ["HELPERS"]))
    # nobody is killed for being slow
    os.environ.update(S6_COMPACT="1" if compact else "0", S6_LOGGING="0", S6_SERVICES_GRACETIME="30000", S6_KILL_GRACETIME="30000")


def svscan_pid():
    if not under_init:
        return tree.pid
    return next((pid for pid, (name, state) in processes().items() if name == "svscan" and state != "Z"), 0)


def reap():
    """as process 1 does: orphans end here; a killed svscan is followed by another"""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if pid == tree.pid:
            tree.returncode = 0
            if not done and not under_init:
                start()
            elif not done:
                say("init has ended")
                done["stop"] = 1


def recorded(d):
    """the pid in the record of a service directory, of run only"""
    try:
        r = os.readlink(d + "/supervise/process").split(":")
        return int(r[2]) if r[1] == "r" else 0
    except (OSError, IndexError, ValueError):
        return 0


def owner(d):
    try:
        inode = str(os.stat(d + "/supervise/lock").st_ino)
    except OSError:
        return 0
    for line in read("/proc/locks").decode().splitlines():
        w = line.split()
        if w[1] == "POSIX" and w[5].split(":")[-1] == inode:
            return int(w[4])
    return 0


def victim(rng):
    """(pid, name that it must have, service)"""
    n, dice = names[rng.randrange(services)], rng.random()
    d = live + "/" + n
    if dice < 0.03:
        return svscan_pid(), "svscan", n
    if dice < 0.35 and not compact:
        return owner(d + rng.choice(("", "/log"))), "supervise", n
    if dice < 0.55:
        return recorded(d + "/log"), "svlog", n
    return recorded(d), "stormcount", n


def look(n):
    """what holds always"""
    for d in (n, n + "/log"):
        size = len(read("%s/%s/supervise/status" % (scan, d)))
        if size:
            sizes.add(size)
    if len(sizes) > 1:
        say("a status is torn: sizes %s" % sizes)
    if os.path.exists(storm + "/twice"):
        say("a service ran twice: " + read(storm + "/twice").decode().replace("\n", " "))


def rage(rng, n):
    misses = 0
    while n > 0 and misses < 5000:
        reap()
        pid, name, service = victim(rng)
        if pid > 1 and comm(pid).startswith(name):
            os.kill(pid, signal.SIGKILL)
            n -= 1
            count[name] = count.get(name, 0) + 1
            journal.append((time.monotonic(), name, pid, service))
            if name == "svlog":
                log_kills[service] += 1
        else:
            misses += 1 # it is dead, or about to start
        look(service)
        time.sleep(rng.random() * 0.016)
    if n > 0:
        say("%d kills too few" % n)


wanted = {"zombie": 0, "svscan": 1, "stormcount": services, "svlog": services}
if under_init:
    wanted["init"] = 1
if not compact:
    wanted["supervise"] = 2 * services


def details():
    """what may explain it"""
    table = processes()
    now = time.monotonic()
    if len(table) < 20:
        for pid in table:
            print("  %d %s %s" % (pid, table[pid], read("/proc/%d/cmdline" % pid).replace(b"\0", b" ").decode()))
    for t, name, pid, service in journal[-5:]:
        print("  %.3f s before: %s %d of %s" % (now - t, name, pid, service))
    print("  " + read(top + "/err").decode(errors="replace")[-1500:].replace("\n", "\n  "), flush=True)


def within(seconds, what, holds):
    end = time.monotonic() + seconds
    while True:
        reap()
        got = holds()
        if got is True:
            return
        if time.monotonic() > end:
            say("%s: not within %d s: %.500s" % (what, seconds, got))
            details()
            return
        time.sleep(0.05)


def all_run():
    n = census()
    return n == wanted or n


def all_recorded():
    bad = [d for n in names for d in (n, n + "/log") if comm(recorded(live + "/" + d)) not in ("stormcount", "svlog")]
    return not bad or bad


def pipe_of(pid, fd):
    try:
        return os.readlink("/proc/%d/fd/%d" % (pid, fd))
    except OSError:
        return None


def all_joined():
    """what a service writes is what its logger reads"""
    bad = [n for n in names if pipe_of(recorded(live + "/" + n), 1) != pipe_of(recorded(live + "/" + n + "/log"), 0)]
    return not bad or bad


def descriptors():
    """{program: the most that one has, without pidfds}, and svscan's pidfds: whom it has not started itself a supervisor follows by one"""
    most, pidfds = {}, 0
    for pid, (name, _) in processes().items():
        others = 0
        try:
            for fd in os.listdir("/proc/%d/fd" % pid):
                is_pidfd = "pidfd" in os.readlink("/proc/%d/fd/%s" % (pid, fd))
                pidfds += is_pidfd and name == "svscan"
                others += not is_pidfd
        except FileNotFoundError: # it, or the descriptor, was there for a moment
            continue
        most[name] = max(most.get(name, 0), others)
    return most, pidfds


def settled_descriptors():
    """The same, once nothing is open for a moment only"""
    while True:
        was = descriptors()
        time.sleep(0.2)
        if was == descriptors():
            return was


def no_descriptor_more():
    most, pidfds = descriptors()
    return most == before[0] and pidfds <= 2 * services or "%s before, %s now" % (before, (most, pidfds))


def leftovers():
    left = []
    for base, _, files in os.walk(live):
        left += [base + "/" + f for f in files if f.startswith("ftrig1") or f.startswith(".ftrig1") or f.endswith(".new")]
    return not left or left


def check_log(n):
    """Lines of n by who wrote them, in the order of the archives; files sort by time. Those who wrote did so one after the other."""
    seen, torn, wrong_before = {}, 0, len(wrong)
    d = logs + "/" + n
    for f in sorted(x for x in os.listdir(d) if x[0] == "@") + ["current"] if os.path.isdir(d) else []:
        for line in read(d + "/" + f).split(b"\n")[:-1]:
            try:
                who, number = line.decode().split(" ")
                seen.setdefault(who, []).append(int(number))
            except ValueError:
                torn += 1
    if torn > log_kills[n]:
        say("%s: %d torn lines, %d kills of the logger" % (n, torn, log_kills[n]))
    runs, within_run = [], False
    for who in sorted((f for f in os.listdir(storm + "/progress") if f.startswith(n + ".")), key=lambda f: int(f.split(".")[2])):
        within_run = gaps(who, seen.pop(who, []), runs, within_run)
    if seen:
        say("%s: lines of nobody: %s" % (n, list(seen)[:3]))
    missing.extend(r[2] for r in runs)
    if len(runs) > log_kills[n] + orphaned(n):
        say("%s: %d runs of lines are missing, %d kills of the logger: %s" % (n, len(runs), log_kills[n], runs[:5]))
    for who, first, number in runs:
        if number * (len(who) + 8) > READ + 256:
            say("%s: %d lines are missing from %s %d on: more than 64 KiB" % (n, number, who, first))
    if len(wrong) > wrong_before:
        for t, name, pid, service in journal:
            if service == n or name == "svscan":
                print("  %.3f %s %d" % (t, name, pid))


def orphaned(n):
    """How often service n was killed so soon after svscan, and after its logger, that their pipe may have been nobody's"""
    if not compact:
        return 0
    killed, logger, times = -2 * HOLDS, -2 * HOLDS, 0
    for t, name, _, service in journal:
        if name == "svscan":
            killed = t
        elif name == "svlog" and service == n:
            logger = t
        elif name == "stormcount" and service == n and t - killed < HOLDS and killed - logger < HOLDS:
            times += 1
    return times


def gaps(who, lines, runs, within_run):
    """Adds [who, first, number of lines] to runs for each run that is missing; a run may go on from one who writes to the next. Returns
    whether it may now."""
    raw = read(storm + "/progress/" + who)
    written = struct.unpack("=Q", raw)[0] if len(raw) == 8 else 0
    if any(b <= a for a, b in zip(lines, lines[1:])):
        say("%s is twice or out of order" % who)
    if lines and lines[-1] > written: # a line whose count was not written any more is one more
        say("%s has %d, wrote %d" % (who, lines[-1], written))
    expected = 0
    for number in lines:
        if number > expected:
            missing_lines(who, expected, number, runs, within_run)
        within_run = False
        expected = number + 1
    if written > expected:
        missing_lines(who, expected, written, runs, within_run)
        within_run = True
    return within_run


def missing_lines(who, expected, number, runs, within_run):
    if within_run:
        runs[-1][2] += number - expected
    else:
        runs.append([who, expected, number - expected])


count, sizes, missing, journal = {}, set(), [], []
rng = random.Random(seed)
make(top, names)
if under_init:
    prepare_init()
start()
within(120, "the start", all_run)
within(60, "the records", all_recorded)
before = settled_descriptors()
slowest = 0
for done_kills in range(0, kills, ROUND):
    if wrong: # it has not even started, or is not what it was
        break
    rage(rng, min(ROUND, kills - done_kills))
    calm = time.monotonic()
    within(90, "everything is up again", all_run)
    within(60, "every record is true", all_recorded)
    within(60, "services and loggers are joined", all_joined)
    slowest = max(slowest, time.monotonic() - calm)
    within(60, "nothing is left in the directories", leftovers)
    within(60, "descriptors", no_descriptor_more)
    for n in names:
        look(n)
done["stop"] = 1
if under_init:
    tree.terminate()
else:
    subprocess.run([os.environ["BIN"] + "/svscanctl", "-t", scan], check=False)
within(120, "the end", lambda: census() == {"zombie": 0} or census())
for n in names:
    check_log(n)
print("kills: %s; up again after %.1f s at most; lines lost: %d" % (" ".join("%s=%d" % c for c in sorted(count.items())), slowest, sum(missing)))
sys.exit(bool(wrong))
