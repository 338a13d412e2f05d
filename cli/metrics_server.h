/* SPDX-License-Identifier: Apache-2.0 */
/* Serves the metrics of a running trace by HTTP, from a process of its own that has no privileges and sees
 * nothing but the text that is published. */
#ifndef CLI_METRICS_SERVER_H
#define CLI_METRICS_SERVER_H

#include <glib.h>

struct metrics_server;

/* Listens at `address`: PORT, ADDRESS:PORT or localhost:PORT (port 0: any that is free). Addresses other than
 * the loopback's are refused unless `anywhere`. Must be called while this process has one thread. NULL with
 * OPTIONS_ERROR for a wrong address, G_IO_ERROR when nobody can listen there. */
struct metrics_server *metrics_server_start(const char *address, gboolean anywhere, GError **error);

/* "http://127.0.0.1:9464/metrics" */
const char *metrics_server_url(const struct metrics_server *server);

/* What the next requests get, from now on; also from a copy of the process (fork) that called _start. Nothing
 * happens when there is no server any more. */
void metrics_server_publish(const struct metrics_server *server, const char *text, gsize size);

/* Stops listening. NULL is fine. */
void metrics_server_stop(struct metrics_server *server);

#endif
