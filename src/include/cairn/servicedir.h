/* servicedir: the small configuration files of a service directory.

   Nothing is kept: they are read each time they are needed, so that an edit takes effect without a
   restart. An integer file holds decimal digits only, up to the first newline (a trailing blank is
   invalid). A signal file holds a name (any case, with or without SIG) or a number. See
   cairn-servicedir(7). */

#ifndef CAIRN_SERVICEDIR_H
#define CAIRN_SERVICEDIR_H

#include <stdint.h>

#define SERVICEDIR_NOTIFICATION_FD "notification-fd"
#define SERVICEDIR_LOCK_FD         "lock-fd"
#define SERVICEDIR_TIMEOUT_KILL    "timeout-kill"
#define SERVICEDIR_TIMEOUT_FINISH  "timeout-finish"
#define SERVICEDIR_MAX_TALLY       "max-death-tally"
#define SERVICEDIR_DOWN_SIGNAL     "down-signal"
#define SERVICEDIR_RELOAD_SIGNAL   "reload-signal"
#define SERVICEDIR_FLAG_NEWPIDNS   "flag-newpidns"
#define SERVICEDIR_FLAG_KILLPG     "flag-timeout-killpg"
#define SERVICEDIR_DOWN            "down"
#define SERVICEDIR_RUN             "run"
#define SERVICEDIR_FINISH          "finish"
#define SERVICEDIR_SUPERVISE       "supervise"
#define SERVICEDIR_EVENT           "event"
#define SERVICEDIR_SERVICE_LOCK    "supervise/service-lock"
/* ours: s6 ignores them */
#define SERVICEDIR_DEPENDENCIES    "dependencies.d"
#define SERVICEDIR_ENABLE_IF_ENV   "enable-if-env"
#define SERVICEDIR_ON_EXIT         "on-exit"
#define SERVICEDIR_RESTART_BACKOFF "restart-backoff"
#define SERVICEDIR_RESTART_LIMIT   "restart-limit"
#define SERVICEDIR_READY_CHECK     "ready-check"
#define SERVICEDIR_MERGE_STDERR    "merge-stderr"

/* Reads the integer or the signal in the file name below dirfd.
   Returns 1 with the value, 0 if there is no such file, or -1 with errno (EINVAL: its content is
   invalid). Only a value that is returned is stored: the caller's default stays. */
extern int servicedir_uint(int dirfd, char const *name, uint32_t *value);
extern int servicedir_signal(int dirfd, char const *name, int *sig);

/* Does name exist below dirfd? Returns 1 or 0, or -1 with errno if that cannot be known. */
extern int servicedir_exists(int dirfd, char const *name);

/* Does the service announce when it is ready: by notification-fd, or by a ready-check that makes
   sense? Returns 1 or 0. */
extern int servicedir_announces(int dirfd);

#endif
