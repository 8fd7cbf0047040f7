#include "scratch.h"

#include <errno.h>
#include <link.h>

#include <cairn/livesd.h>

#include "fakeroot.h"

static int scan;

static char const *target(char const *name)
{
    static char buf[512];
    ssize_t r = readlink(in(name), buf, sizeof buf - 1);
    buf[r < 0 ? 0 : r] = 0;
    return buf;
}

static mode_t mode(char const *name)
{
    struct stat st;
    assert_int_equal(lstat(in(name), &st), 0);
    return st.st_mode;
}

static void livesd_copies_all_but_links_the_scripts(void **state)
{
    (void)state;
    char culprit[512];
    dir("image");
    dir("image/log");
    dir("image/data");
    dir("image/supervise");
    put("image/run", "r", 0644);
    put("image/finish", "f", 0755);
    put("image/log/run", "l", 0644);
    put("image/data/run", "d", 0640);
    put("image/data/secret", "s", 04600);
    assert_int_equal(mkfifo(in("image/supervise/control"), 0600), 0);
    assert_int_equal(chmod(in("image/supervise/control"), 0620), 0);
    assert_int_equal(chmod(in("image/supervise"), 0711), 0);
    assert_int_equal(symlink("/nowhere", in("image/data/link")), 0);
    dir("scan");
    scan = open(in("scan"), O_RDONLY | O_DIRECTORY);
    mode_t old = umask(077);
    assert_int_equal(livesd_copy(in("image"), scan, "sv", DOWNFILE_USER, culprit, sizeof culprit),
                     0);
    umask(old);
    assert_string_equal(target("scan/sv/run"), in("image/run"));
    assert_string_equal(target("scan/sv/finish"), in("image/finish"));
    assert_string_equal(target("scan/sv/log/run"), in("image/log/run"));
    assert_string_equal(target("scan/sv/data/link"), "/nowhere");
    assert_string_equal(get("scan/sv/data/run"), "d");
    assert_int_equal(mode("scan/sv/data/run"), S_IFREG | 0640);
    assert_int_equal(mode("scan/sv/data/secret"), S_IFREG | 04600);
    assert_int_equal(mode("scan/sv/supervise/control"), S_IFIFO | 0620);
    assert_int_equal(mode("scan/sv/supervise"), S_IFDIR | 0711);
    assert_int_equal(mode("scan/sv"), S_IFDIR | 0755);
}

static void livesd_merges_but_keeps_what_is_in_use(void **state)
{
    (void)state;
    char culprit[512];
    struct stat before, after;
    put("scan/sv/own", "own", 0644);
    put("scan/sv/data/run", "changed", 0600);
    assert_int_equal(lstat(in("scan/sv/supervise/control"), &before), 0);
    assert_int_equal(livesd_copy(in("image"), scan, "sv", DOWNFILE_USER, culprit, sizeof culprit),
                     0);
    assert_string_equal(get("scan/sv/own"), "own");
    assert_string_equal(get("scan/sv/data/run"), "d");
    assert_int_equal(lstat(in("scan/sv/supervise/control"), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
}

static void livesd_says_who_is_down(void **state)
{
    (void)state;
    char culprit[512];
    dir("downs");
    dir("downs/log");
    put("downs/run", "r", 0644);
    put("downs/down", "mine", 0644);
    put("downs/log/down", "mine", 0644);
    /* a new directory, then one that exists, for each */
    for (enum downfile d = DOWNFILE_NONE; d <= DOWNFILE_UNMET; d++)
        for (int again = 0; again < 2; again++) {
            char name[] = {'d', (char)('0' + d), 0};
            char path[32];
            assert_int_equal(livesd_copy(in("downs"), scan, name, d, culprit, sizeof culprit), 0);
            snprintf(path, sizeof path, "scan/%s/down", name);
            if (d == DOWNFILE_NONE)
                assert_int_equal(access(in(path), F_OK), -1);
            else
                assert_string_equal(get(path), d == DOWNFILE_USER ? "mine" : downfile_text(d));
            snprintf(path, sizeof path, "scan/%s/log/down", name);
            assert_string_equal(get(path), "mine");
            snprintf(path, sizeof path, "scan/%s/down", name);
            if (d == DOWNFILE_NONE)
                put(path, "of before", 0644);
        }
}

static void livesd_names_the_culprit_and_leaves_nothing(void **state)
{
    (void)state;
    char culprit[512];
    char deep[1024] = "image";
    assert_int_equal(livesd_copy(in("none"), scan, "x", DOWNFILE_USER, culprit, sizeof culprit),
                     -1);
    assert_int_equal(errno, ENOENT);
    assert_string_equal(culprit, in("none"));
    for (int i = 0; i < 40; i++) {
        strcat(deep, "/d");
        dir(deep);
    }
    assert_int_equal(livesd_copy(in("image"), scan, "y", DOWNFILE_USER, culprit, sizeof culprit),
                     -1);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_memory_equal(culprit, in("image/d/d/d"), strlen(in("image/d/d/d")));
    assert_int_equal(access(in("scan/y"), F_OK), -1);
    assert_int_equal(access(in("scan/.services-up"), F_OK), -1);
    char tiny[4];
    assert_int_equal(livesd_copy(in("none"), scan, "x", DOWNFILE_USER, tiny, sizeof tiny), -1);
    assert_int_equal(strlen(tiny), 3);
}

/* A program of this word size that needs a loader. */
static void put_elf(char const *name, char const *loader)
{
    struct {
        ElfW(Ehdr) h;
        ElfW(Phdr) p;
        char loader[32];
    } f = {.h = {.e_phnum = 1, .e_phoff = sizeof f.h}, .p = {.p_type = PT_INTERP}};
    memcpy(f.h.e_ident, ELFMAG, SELFMAG);
    f.h.e_ident[EI_CLASS] = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    f.p.p_offset = (char *)f.loader - (char *)&f;
    f.p.p_filesz = strlen(loader) + 1;
    strcpy(f.loader, loader);
    put(name, "", 0755);
    int fd = open(in(name), O_WRONLY);
    assert_int_equal(write(fd, &f, sizeof f), (ssize_t)sizeof f);
    close(fd);
}

static void livesd_knows_which_descriptors_fit(void **state)
{
    (void)state;
    dir("fds");
    int fd = open(in("fds"), O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0);
    assert_null(livesd_misfit(fd));
    put("fds/notification-fd", "3\n", 0644);
    assert_null(livesd_misfit(fd));
    put("fds/notification-fd", "junk\n", 0644); /* as if it were not there */
    assert_null(livesd_misfit(fd));
    put("fds/notification-fd", "0\n", 0644);
    assert_string_equal(livesd_misfit(fd), "notification-fd");
    put("fds/notification-fd", "4000000000", 0644);
    assert_string_equal(livesd_misfit(fd), "notification-fd");
    put("fds/notification-fd", "5", 0644);
    put("fds/lock-fd", "0", 0644);
    assert_string_equal(livesd_misfit(fd), "lock-fd");
    put("fds/lock-fd", "5", 0644);
    assert_string_equal(livesd_misfit(fd), "lock-fd");
    put("fds/lock-fd", "4", 0644);
    assert_null(livesd_misfit(fd));
    close(fd);
}

static void livesd_knows_what_could_be_started(void **state)
{
    (void)state;
    put("script", "#!/bin/sh\n", 0644);
    assert_int_equal(livesd_startable(AT_FDCWD, in("script")), 0);
    put("script", "#! \t/bin/sh -e\n", 0755);
    assert_int_equal(livesd_startable(AT_FDCWD, in("script")), 0);
    put("script", "#!/bin/sh", 0755);
    assert_int_equal(livesd_startable(AT_FDCWD, in("script")), 0);
    put("script", "#!/bin/sh\r\n", 0755);
    assert_int_equal(livesd_startable(AT_FDCWD, in("script")), ENOENT);
    put("script", "#!/no/such/sh\n", 0755);
    assert_int_equal(livesd_startable(AT_FDCWD, in("script")), ENOENT);
    put("script", "#!/etc/passwd\n", 0755);
    assert_int_equal(livesd_startable(AT_FDCWD, in("script")), EACCES);
    put("script", "#!\n", 0755);
    assert_int_equal(livesd_startable(AT_FDCWD, in("script")), ENOEXEC);
    put("script", "", 0755);
    assert_int_equal(livesd_startable(AT_FDCWD, in("script")), ENOEXEC);
    put("script", "text", 0644);
    assert_int_equal(livesd_startable(AT_FDCWD, in("script")), EACCES);
    put("script", "\177ELF", 0755);
    assert_int_equal(livesd_startable(AT_FDCWD, in("script")), 0);
    put("script", "\177ELF", 0644);
    assert_int_equal(livesd_startable(AT_FDCWD, in("script")), EACCES);
    put_elf("script", "/no/such/loader");
    assert_int_equal(livesd_startable(AT_FDCWD, in("script")), ENOENT);
    put_elf("script", "/bin/sh");
    assert_int_equal(livesd_startable(AT_FDCWD, in("script")), 0);
    assert_int_equal(livesd_startable(AT_FDCWD, scratch), EACCES);
    assert_int_equal(livesd_startable(AT_FDCWD, in("missing")), ENOENT);
    assert_int_equal(symlink("missing", in("dangling")), 0);
    assert_int_equal(livesd_startable(AT_FDCWD, in("dangling")), ENOENT);
}

static void livesd_clones(void **state)
{
    (void)state;
    char culprit[256];
    struct stat st;
    dir("original");
    dir("original/log");
    put("original/run", "#!/bin/sh\n", 0751);
    put("original/log/run", "logger", 0644);
    int fd = open(scratch, O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0);
    assert_int_equal(livesd_clone(in("original"), fd, "clone", culprit, sizeof culprit), 0);
    assert_int_equal(lstat(in("clone/run"), &st), 0);
    assert_true(S_ISREG(st.st_mode));
    assert_int_equal(st.st_mode & 07777, 0751);
    assert_string_equal(get("clone/log/run"), "logger");
    assert_int_equal(livesd_clone(in("original"), fd, "clone", culprit, sizeof culprit), -1);
    assert_int_equal(errno, EEXIST);
    assert_int_equal(livesd_clone(in("none"), fd, "clone2", culprit, sizeof culprit), -1);
    assert_int_equal(errno, ENOENT);
    assert_string_equal(culprit, in("none"));
    assert_int_equal(access(in(".clone2"), F_OK), -1);
    char longname[300];
    memset(longname, 'x', sizeof longname - 1);
    longname[sizeof longname - 1] = 0;
    assert_int_equal(livesd_clone(in("original"), fd, longname, culprit, sizeof culprit), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    close(fd);
}

/* supervise makes event and supervise in it, and the next boot removes it. */
static int read_only_image(void)
{
    char culprit[256];
    struct stat st;
    check(!mkdir("/image", 0755) && !mkdir("/image/log", 0755) && !mkdir("/image/data", 0755));
    check(!chmod("/image/log", 0555) && !chmod("/image/data", 0500) && !chmod("/image", 0555));
    check(!mkdir("/scan", 0755));
    if (chown("/scan", 12345, 12345)) /* one id alone, in a user namespace */
        return FAKEROOT_CANNOT;
    check(!chown("/image/data", 12345, 12345));
    int fd = open("/scan", O_RDONLY | O_DIRECTORY);
    as_other();
    check(!livesd_copy("/image", fd, "sv", DOWNFILE_USER, culprit, sizeof culprit));
    check(!stat("/scan/sv", &st) && (st.st_mode & 07777) == 0755 && st.st_uid == 12345);
    check(!stat("/scan/sv/log", &st) && (st.st_mode & 07777) == 0755);
    check(!stat("/scan/sv/data", &st) && (st.st_mode & 07777) == 0700);
    check(!mkdir("/scan/sv/event", 0755) && !mkdir("/scan/sv/log/event", 0755));
    check(!rmtree_at(fd, "sv"));
    as_before();
    return 0;
}

static void livesd_makes_a_read_only_directory_usable(void **state)
{
    (void)state;
    dir("readonly");
    in_root("readonly", 0, read_only_image);
}

static void livesd_copy_logged_gives_a_logger(void **state)
{
    (void)state;
    char culprit[256];
    struct stat st;
    dir("quiet");
    put("quiet/run", "#!/bin/sh\n", 0755);
    assert_int_equal(chmod(in("quiet"), 0555), 0);
    dir("noisy");
    dir("noisy/log");
    put("noisy/log/run", "logger", 0644);
    dir("live");
    int fd = open(in("live"), O_RDONLY | O_DIRECTORY);
    assert_int_equal(
        livesd_copy_logged(in("quiet"), fd, "q", DOWNFILE_USER, "#!/x\n", culprit, 256), 0);
    assert_string_equal(get("live/q/log/run"), "#!/x\n");
    assert_int_equal(stat(in("live/q"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    assert_int_equal(
        livesd_copy_logged(in("noisy"), fd, "n", DOWNFILE_USER, "#!/x\n", culprit, 256), 0);
    assert_string_equal(get("live/n/log/run"), "logger");
    assert_int_equal(livesd_copy_logged(in("quiet"), fd, "o", DOWNFILE_USER, NULL, culprit, 256),
                     0);
    assert_int_equal(access(in("live/o/log"), F_OK), -1);
    dir("bad");
    dir("bad/merge-stderr");
    assert_int_equal(livesd_copy_logged(in("bad"), fd, "b", DOWNFILE_USER, "#!/x\n", culprit, 256),
                     -1);
    assert_non_null(strstr(culprit, "bad/log"));
    assert_int_equal(access(in("live/b"), F_OK), -1);
    close(fd);
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(livesd_copies_all_but_links_the_scripts),
        cmocka_unit_test(livesd_merges_but_keeps_what_is_in_use),
        cmocka_unit_test(livesd_says_who_is_down),
        cmocka_unit_test(livesd_names_the_culprit_and_leaves_nothing),
        cmocka_unit_test(livesd_knows_which_descriptors_fit),
        cmocka_unit_test(livesd_knows_what_could_be_started),
        cmocka_unit_test(livesd_clones),
        cmocka_unit_test(livesd_makes_a_read_only_directory_usable),
        cmocka_unit_test(livesd_copy_logged_gives_a_logger),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
