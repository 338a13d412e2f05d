/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as people read them, three significant digits, with `.` in every locale. Strings are the caller's;
 * a value that is not finite is "-". */
#ifndef REPORTS_QUANTITY_H
#define REPORTS_QUANTITY_H

#include <glib.h>

char *quantity_seconds(
    double seconds); /* "0 s" "850 ns" "12.5 µs" "3.20 ms" "4.12 s" "75.0 s" "12 min 5 s" "2 h 5 min" */
char *quantity_bytes(double bytes);        /* "512 B" "8.00 KiB" "1.50 GiB" */
char *quantity_count(guint64 count);       /* "12,345" */
char *quantity_percent(double share);      /* 0.43 is "43 %", 0.004 is "0.4 %" */
char *quantity_percent_fine(double share); /* 0.4321 is "43.2 %" */
char *quantity_number(double value);       /* "1.93" "120" "0.0123" */

/* `value` in `unit` of the metric table: "1", "s", "B" or "count"; shares, which have unit "1" too, as
 * percent. */
char *quantity_metric(const char *metric, double value);

#endif
