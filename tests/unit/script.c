#include "scratch.h"

#include <elf.h>
#include <errno.h>
#include <sys/mount.h>

#include <cairn/script.h>

#include "fakeroot.h"

static char cwd[512];

static void make(char const *name, char const *content, mode_t mode)
{
    unlink(name);
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static char const *error_name(int e)
{
    return e == ENOENT    ? "ENOENT"
           : e == EACCES  ? "EACCES"
           : e == ENOEXEC ? "ENOEXEC"
           : e == ELOOP   ? "ELOOP"
                          : strerror(e);
}

/* Starts file and returns what it printed; if it could not be started: "errno N". */
static char const *run(char const *file, char const *a1, char const *a2)
{
    static char out[1024];
    char *const argv[] = {(char *)file, (char *)a1, (char *)a2, NULL};
    char *const envp[] = {(char *)"PATH=/usr/bin:/bin", NULL};
    int p[2];
    assert_int_equal(pipe(p), 0);
    pid_t pid = fork();
    if (!pid) {
        dup2(p[1], 1);
        close(p[0]);
        close(p[1]);
        script_exec(file, argv, envp);
        dprintf(1, "errno %s", error_name(errno));
        _exit(script_exitcode(errno));
    }
    close(p[1]);
    size_t len = 0;
    ssize_t n;
    while ((n = read(p[0], out + len, sizeof out - 1 - len)) > 0)
        len += (size_t)n;
    out[len] = 0;
    close(p[0]);
    waitpid(pid, NULL, 0);
    return out;
}

static char const *explain(char const *file, int e)
{
    static char buf[512];
    char small[16];
    /* never more than it may, whatever the size */
    for (size_t size = 1; size <= sizeof small; size++) {
        memset(small, 'X', sizeof small);
        assert_ptr_equal(script_explain(small, size, AT_FDCWD, file, e), small);
        assert_non_null(memchr(small, 0, size));
    }
    script_explain(buf, sizeof buf, AT_FDCWD, file, e);
    assert_null(strchr(buf, '\n'));
    return buf;
}

#define assert_contains(s, what)                                                                   \
    do {                                                                                           \
        if (!strstr(s, what))                                                                      \
            fail_msg("'%s' does not contain '%s'", s, what);                                       \
    } while (0)

static char const ECHO[] = "#!/bin/sh\necho \"$0 $*\"\n";

static void runs_a_script(void **state)
{
    (void)state;
    make("run", ECHO, 0755);
    assert_string_equal(run("./run", "a", "b"), "./run a b\n");
}

static void runs_one_that_is_not_executable(void **state)
{
    (void)state;
    make("run", ECHO, 0644);
    assert_string_equal(run("./run", "a", "b"), "./run a b\n");
    make("run", "#!  /bin/sh \t -e  \necho \"$0 $- $1\"\n", 0644);
    assert_contains(run("./run", "a", NULL), "./run e");
    /* all that follows the interpreter is one argument */
    make("run", "#!/bin/echo one two\n", 0644);
    assert_string_equal(run("./run", "a", NULL), "one two ./run a\n");
    make("run", "#!/bin/echo\n", 0644);
    assert_string_equal(run("./run", NULL, NULL), "./run\n");
    make("run", "#!/bin/echo end-of-file", 0644);
    assert_string_equal(run("./run", NULL, NULL), "end-of-file ./run\n");
}

static void follows_links_to_their_name(void **state)
{
    (void)state;
    char expected[1024];
    mkdir("image", 0755);
    make("image/run", ECHO, 0755);
    unlink("run");
    unlink("second");
    assert_int_equal(symlink("image/run", "run"), 0);
    assert_string_equal(run("./run", "a", NULL), "./image/run a\n");
    snprintf(expected, sizeof expected, "%s/run", cwd);
    assert_int_equal(symlink(expected, "second"), 0);
    snprintf(expected, sizeof expected, "%s/image/run a\n", cwd);
    assert_string_equal(run("./second", "a", NULL), expected);
    make("image/run", ECHO, 0644);
    assert_string_equal(run("./second", "a", NULL), expected);
    unlink("loop");
    assert_int_equal(symlink("loop", "loop"), 0);
    assert_string_equal(run("./loop", "a", NULL), "errno ELOOP");
}

static void returns_the_first_cause(void **state)
{
    (void)state;
    unlink("run");
    assert_string_equal(run("./run", NULL, NULL), "errno ENOENT");
    make("run", "#!/nonexistent/sh\n", 0755);
    assert_string_equal(run("./run", NULL, NULL), "errno ENOENT");
    make("run", "#!/nonexistent/sh\n", 0644);
    assert_string_equal(run("./run", NULL, NULL), "errno ENOENT");
    make("run", "no first line\n", 0644);
    assert_string_equal(run("./run", NULL, NULL), "errno EACCES");
    make("run", "#!\n", 0644);
    assert_string_equal(run("./run", NULL, NULL), "errno EACCES");
    make("run", "no first line\n", 0755);
    assert_string_equal(run("./run", NULL, NULL), "errno ENOEXEC");
    make("run", "", 0755);
    assert_string_equal(run("./run", NULL, NULL), "errno ENOEXEC");
    assert_string_equal(run("./image", NULL, NULL), "errno EACCES");
    assert_int_equal(script_exitcode(ENOENT), 127);
    assert_int_equal(script_exitcode(EACCES), 126);
    unlink("fifo");
    assert_int_equal(mkfifo("fifo", 0644), 0);
    assert_string_equal(run("./fifo", NULL, NULL), "errno EACCES"); /* and does not hang */
}

static void explains(void **state)
{
    (void)state;
    unlink("run");
    assert_string_equal(explain("./run", ENOENT), "./run does not exist");
    assert_int_equal(symlink("nowhere/run", "run"), 0);
    assert_contains(explain("./run", ENOENT),
                    "./run is a symbolic link to nowhere/run, which does not");
    make("run", "#!/nonexistent/python3.11 -u\n", 0755);
    assert_string_equal(
        explain("./run", ENOENT),
        "./run needs the interpreter /nonexistent/python3.11, which does not exist; "
        "install python3");
    make("run", "#!/usr/nonexistent/execlineb -S1\n", 0755);
    assert_contains(explain("./run", ENOENT), "; install execline");
    make("run", "#!/nonexistent/unknown\n", 0755);
    assert_contains(explain("./run", ENOENT), "unknown, which does not exist");
    make("run", "#!/bin/sh\r\necho\r\n", 0755);
    assert_contains(explain("./run", ENOENT), "DOS line endings");
    make("run", "#!/etc/passwd\n", 0755);
    assert_contains(explain("./run", EACCES), "/etc/passwd, which cannot be run: Permission");
    make("run", "echo\n", 0644);
    assert_contains(explain("./run", EACCES), "not executable (mode 0644)");
    make("run", "echo\n", 0755);
    assert_contains(explain("./run", ENOEXEC), "no '#!' line");
    make("run", "", 0755);
    assert_contains(explain("./run", ENOEXEC), "is empty");
    assert_contains(explain("./run", ETXTBSY), "open for writing");
    assert_contains(explain("./run", E2BIG), "./run: ");
    assert_contains(explain("image", EACCES), "is a directory");
    make("run", "#!/x\x1b[31m\n", 0755);
    assert_contains(explain("./run", ENOENT), "/x?[31m");
    unlink("run");
    assert_int_equal(symlink("image/run", "run"), 0);
    make("image/run", "#!/nonexistent/bash\n", 0755);
    assert_contains(explain("./run", ENOENT),
                    "./image/run needs the interpreter /nonexistent/bash");
}

static void explains_links(void **state)
{
    (void)state;
    char size_0[1] = "x";
    assert_ptr_equal(script_explain(size_0, 0, AT_FDCWD, "./run", ENOENT), size_0);
    assert_int_equal(size_0[0], 'x');
    unlink("loop");
    assert_int_equal(symlink("loop", "loop"), 0);
    assert_string_equal(explain("./loop", ELOOP),
                        "./loop is a symbolic link to loop, which cannot be opened: Too many "
                        "levels of symbolic links");
    make("run", "echo\n", 0755);
    assert_string_equal(explain("./run/x", ENOTDIR), "./run/x cannot be read: Not a directory");
    assert_string_equal(explain("./run", ENOENT),
                        "./run was not there when it was started, but is now");
}

/* Names beyond what is followed are started as they stand. */
static void long_links_stay_links(void **state)
{
    (void)state;
    char part[251], path[1024], buf[1100];
    memset(part, 'd', 250);
    part[250] = 0;
    mkdir(part, 0755);
    snprintf(path, sizeof path, "%s/%s", part, part);
    mkdir(path, 0755);
    strcat(path, "/script-that-lies-deep");
    make(path, ECHO, 0755);
    unlink("run");
    assert_int_equal(symlink(path, "run"), 0); /* more than 512 bytes */
    assert_string_equal(run("./run", "a", NULL), "./run a\n");
    assert_string_equal(script_target(buf, sizeof buf, AT_FDCWD, "./run"), "./run");
    /* the second of two links makes it too long */
    unlink("run");
    snprintf(path, sizeof path, "%s/middle", part);
    snprintf(buf, sizeof buf, "%s/script-that-lies-deep", part);
    assert_int_equal(symlink(buf, path), 0);
    assert_int_equal(symlink(path, "run"), 0);
    assert_string_equal(run("./run", "a", NULL), "./run a\n");
    /* so is a name that is long itself */
    snprintf(path, sizeof path, "./%s/%s/script-that-lies-deep", part, part);
    snprintf(buf, sizeof buf, "%s a\n", path);
    assert_string_equal(run(path, "a", NULL), buf);
    assert_null(script_target(buf, sizeof buf, AT_FDCWD, path));
}

/* Writes a program: the headers of an ELF file that asks for this loader. */
static void make_program(char const *name, char const *loader, unsigned char class)
{
#if UINTPTR_MAX > 0xffffffffu
    Elf64_Ehdr h = {.e_phoff = sizeof h, .e_phnum = 2, .e_phentsize = sizeof(Elf64_Phdr)};
    Elf64_Phdr p[2] = {{.p_type = PT_NULL}, {.p_type = PT_INTERP}};
#else
    Elf32_Ehdr h = {.e_phoff = sizeof h, .e_phnum = 2, .e_phentsize = sizeof(Elf32_Phdr)};
    Elf32_Phdr p[2] = {{.p_type = PT_NULL}, {.p_type = PT_INTERP}};
#endif
    memcpy(h.e_ident, ELFMAG, SELFMAG);
    h.e_ident[EI_CLASS] = class;
    p[1].p_offset = sizeof h + sizeof p;
    p[1].p_filesz = strlen(loader) + 1;
    unlink(name);
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, &h, sizeof h), sizeof h);
    assert_int_equal(write(fd, p, sizeof p), sizeof p);
    assert_int_equal(write(fd, loader, strlen(loader) + 1), strlen(loader) + 1);
    close(fd);
}

enum {
    OUR_CLASS = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32,
    OTHER_CLASS = sizeof(void *) == 8 ? ELFCLASS32 : ELFCLASS64
};

static char *loader_of(char const *name, char *buf, size_t size)
{
    int fd = open(name, O_RDONLY);
    assert_true(fd >= 0);
    char *r = script_loader(buf, size, fd);
    close(fd);
    return r;
}

static void explains_programs(void **state)
{
    (void)state;
    char buf[64];
    make_program("prog", "/lib/ld-musl-x86_64.so.1", OUR_CLASS);
    assert_string_equal(loader_of("prog", buf, sizeof buf), "/lib/ld-musl-x86_64.so.1");
    assert_null(loader_of("prog", buf, 8)); /* one that has no room is none */
    assert_string_equal(explain("./prog", ENOENT),
                        "./prog is a program that needs the loader /lib/ld-musl-x86_64.so.1, which "
                        "does not exist; install musl");
    make_program("prog", "/lib64/ld-linux.so.2", OUR_CLASS);
    assert_contains(explain("./prog", ENOENT),
                    "needs the loader /lib64/ld-linux.so.2, which does not exist; install the C "
                    "library it was built for (gcompat on Alpine)");
    assert_string_equal(explain("./prog", ENOEXEC),
                        "./prog is a program for another kind of machine");
    make("run", "#!./prog\n", 0755);
    assert_contains(
        explain("./run", ENOENT),
        "./run needs the interpreter ./prog: ./prog is a program that needs the loader");
    make_program("prog", "/lib/ld.so", OTHER_CLASS);
    assert_null(loader_of("prog", buf, sizeof buf));
    assert_string_equal(explain("./prog", ENOENT),
                        "./prog is a program that cannot be run: No such file or directory");
    /* cut off at any place */
    make_program("prog", "/lib/ld.so", OUR_CLASS);
    struct stat st;
    assert_int_equal(stat("prog", &st), 0);
    for (off_t size = st.st_size - 1; size >= 0; size -= 7) {
        assert_int_equal(truncate("prog", size), 0);
        assert_null(loader_of("prog", buf, sizeof buf));
    }
}

static int on_noexec(void)
{
    char expected[1024];
    check(!mkdir("noexec", 0755));
    check(!mount("none", "noexec", "tmpfs", MS_NOEXEC, "size=64k"));
    check(!mkdir("noexec/sub", 0755));
    make_program("noexec/sub/prog", "/lib/ld.so", OUR_CLASS);
    check(!strcmp(run("noexec/sub/prog", NULL, NULL), "errno EACCES"));
    snprintf(expected, sizeof expected,
             "noexec/sub/prog is a program on a file system mounted noexec (%s/noexec); move the "
             "program or remount with exec",
             cwd);
    check(!strcmp(explain("noexec/sub/prog", EACCES), expected));
    make("noexec/script", ECHO, 0755);
    check(!strcmp(run("noexec/script", "a", NULL), "noexec/script a\n"));
    make("noexec/text", "echo\n", 0644);
    check(strstr(explain("noexec/text", EACCES), "is not executable (mode 0644)"));
    return 0;
}

static void names_the_mount_that_is_noexec(void **state)
{
    (void)state;
    in_process(CLONE_NEWNS, on_noexec);
}

static int setup(void **state)
{
    return scratch_setup(state) || chdir(scratch) == -1 || !getcwd(cwd, sizeof cwd) ||
           mkdir("image", 0755) == -1;
}

int main(void)
{
    struct CMUnitTest const tests[] = {
        cmocka_unit_test(runs_a_script),
        cmocka_unit_test(runs_one_that_is_not_executable),
        cmocka_unit_test(follows_links_to_their_name),
        cmocka_unit_test(returns_the_first_cause),
        cmocka_unit_test(explains),
        cmocka_unit_test(explains_links),
        cmocka_unit_test(long_links_stay_links),
        cmocka_unit_test(explains_programs),
        cmocka_unit_test(names_the_mount_that_is_noexec),
    };
    return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
