/* SPDX-License-Identifier: Apache-2.0 */
/* The file that keeps what corewise calibrate measured: YAML, its schema is in docs/calibrate.md. */
#ifndef ANALYZER_CALIBRATION_HOST_FILE_H
#define ANALYZER_CALIBRATION_HOST_FILE_H

#include "model/records.h"

#define HOST_FILE_VERSION 1

/* $XDG_CACHE_HOME/corewise/host.yaml; the caller's. */
char *host_file_default_path(void);

/* NULL with ANALYZER_ERROR_COSTS when the file cannot be read or used: the message says what is wrong, where,
 * and what to do. A file may leave out any cost, and everything but the version. */
struct host *host_file_read(const char *path, GError **error);

/* Makes missing folders. Other processes see the old file or the new one, never a part. */
gboolean host_file_write(const struct host *host, const char *path, GError **error);

/* What was measured on this machine: the file at the default path, without its number of cores, which is read
 * anew for each process. NULL without `error` when there is none; NULL with it when it is damaged or of
 * another machine. *remark (the caller's, or NULL) is what one should know of a file that is used. */
struct host *host_file_find(char **remark, GError **error);

#endif
