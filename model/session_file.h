/* SPDX-License-Identifier: Apache-2.0 */
/* Session files (`*.cw`): an SQLite database with an application_id and a schema version, one table per
 * record type (docs/model.md). Every stage is written in one transaction: a reader sees all of a stage or
 * nothing of it. */
#ifndef MODEL_SESSION_FILE_H
#define MODEL_SESSION_FILE_H

#include "model/session.h"

#define SESSION_FILE_APPLICATION_ID 0x43577331 /* "CWs1" */
#define SESSION_FILE_SCHEMA_VERSION 1

enum session_stage { STAGE_ANALYSIS = 1, STAGE_TRACE = 2, STAGE_JUDGEMENT = 4 };
#define STAGE_ALL (STAGE_ANALYSIS | STAGE_TRACE | STAGE_JUDGEMENT)

#define SESSION_FILE_ERROR session_file_error_quark()
GQuark session_file_error_quark(void);
enum session_file_error {
    SESSION_FILE_ERROR_OPEN,    /* missing, unreadable, not writable, disk full */
    SESSION_FILE_ERROR_FORMAT,  /* not a session file, or damaged */
    SESSION_FILE_ERROR_VERSION, /* written by a newer corewise */
};

/* Reads a whole session, after an integrity check. NULL with `error` set on failure; the file is never
 * changed. */
struct session *session_file_read(const char *path, GError **error);

/* Writes the records of `stages` (ORed) in one transaction, replacing what the file held for those stages;
 * creates the file when it is missing. FALSE with `error` set on failure; the file is then as it was before.
 */
gboolean session_file_write(const struct session *session, const char *path, unsigned stages, GError **error);

#endif
