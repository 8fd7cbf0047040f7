/* fixattrs: sets owners and modes as the files of /etc/fix-attrs.d say (doc/formats.md).

   A line is "PATH RECURSE ACCOUNT FMODE DMODE": a glob pattern, true or false, an account, octal
   modes for files and directories ("-": leave it). Patterns and the paths they match may be
   symbolic links; below them no link is followed (attrwalk). */

#ifndef CAIRN_FIXATTRS_H
#define CAIRN_FIXATTRS_H

enum fixattrs_kind {
    FIXATTRS_PROGRESS, /* it takes long */
    FIXATTRS_WARNING   /* what failed and what to do about it */
};

struct fixattrs {
    int hidden;               /* also what begins with a dot inside trees (S6_FIX_ATTRS_HIDDEN) */
    int check_only;           /* lines are understood, and nothing is changed */
    unsigned int progress_ms; /* after this time tell the progress; 0: never */
    void (*tell)(void *data, enum fixattrs_kind, char const *line); /* without newline */
    void *data;
    /* the module's own: start at 0 */
    unsigned long entries;
    unsigned long long next_report;
};

/* Applies one line, as FILE of the messages says it comes from there. Returns 0 applied (or nothing
   to do: empty, a comment, no match), 1 failed in part or whole, having told why. */
extern int fixattrs_line(struct fixattrs *, char const *file, unsigned int number,
                         char const *line);

/* Applies all lines of file, also after failures. Returns the number of lines that failed, having
   told why, or -1 with errno if the file cannot be read (nothing is told). */
extern int fixattrs_file(struct fixattrs *, char const *file);

#endif
