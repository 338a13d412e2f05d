/* SPDX-License-Identifier: Apache-2.0 */
/* The source files that a session speaks of, as they are now: for reports that show code. */
#ifndef REPORTS_HTML_SOURCES_H
#define REPORTS_HTML_SOURCES_H

#include "model/session.h"

#define SOURCE_FILE_BYTES_MAX (1024 * 1024)
#define SOURCE_BYTES_MAX      (4 * 1024 * 1024) /* of all files of a page */

struct source_file {
    char *name;       /* as in the session: relative to its root */
    char *text;       /* optional: valid UTF-8 */
    char *missing;    /* optional: why there is no text */
    gboolean changed; /* not what was analysed any more */
    double weight;    /* the heavier come first, and into the page first */
};

/* Files with findings first, then by the time measured in them. A file is read only below the session's root
 * and by a name of C source: a session file that came from elsewhere must not choose what ends up in a page.
 * The caller unrefs. */
GPtrArray *html_sources_read(const struct session *session);

#endif
