/* godatetime: a time in templates, as Go's time value: {{datetime.Format "2006-01-02"}},
   {{datetime.Year}}. Its methods: Format, String, Unix, UnixNano, Year, Month, Day, Hour, Minute,
   Second, Nanosecond, Weekday, YearDay, UTC, Local. Months and days of the week are their names. */

#ifndef CAIRN_GODATETIME_H
#define CAIRN_GODATETIME_H

#include <cairn/gotime.h>
#include <cairn/tmplfunc.h>

/* Sets *result to the time, in the call's pool. Returns 1, or 0 as tmplcall_fail. */
extern int godatetime_value(struct tmplcall *c, struct gotime const *t, struct tmplvalue *result);

/* The function datetime: now, in the local zone. */
extern int godatetime_now(struct tmplcall *c, struct tmplvalue *result);

#endif
