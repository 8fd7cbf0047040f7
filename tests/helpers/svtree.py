"""svtree: what storm.py and soak.py share: service directories with loggers in TOP/scan, logs in TOP/logs, counts of what was
written in TOP/storm/progress; what /proc says of the processes beside process 1"""
import os


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return b""


def script(path, text):
    with open(path, "w") as f:
        f.write("#!/bin/sh\n" + text + "\n")
    os.chmod(path, 0o755)


def places(top):
    return top + "/scan", top + "/logs", top + "/storm"


def make(top, names, size=65536):
    """services NAMES, whose logs are cut at SIZE bytes"""
    scan, logs, storm = places(top)
    for d in (scan, logs, storm, storm + "/progress"):
        os.mkdir(d)
    for n in names:
        d = scan + "/" + n
        os.makedirs(d + "/log")
        os.symlink(os.environ["HELPERS"] + "/stormcount", d + "/run")
        script(d + "/log/run", "exec %s/svlog -d 3 n1000 s%d %s/%s" % (os.environ["BIN"], size, logs, n))
        for f in (d + "/notification-fd", d + "/log/notification-fd"):
            with open(f, "w") as out:
                out.write("3\n")
    os.environ["STORM"] = storm


def comm(pid):
    return read("/proc/%d/comm" % pid).strip().decode()


def processes():
    table = {}
    for p in os.listdir("/proc"):
        if p.isdigit() and int(p) != 1:
            state = read("/proc/%s/stat" % p).decode().rpartition(")")[2].split()
            if state:
                table[int(p)] = (comm(int(p)), state[0])
    return table


def census():
    n = {"zombie": 0}
    for name, state in processes().values():
        name = "zombie" if state == "Z" else name
        n[name] = n.get(name, 0) + 1
    return n
