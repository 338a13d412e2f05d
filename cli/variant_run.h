/* SPDX-License-Identifier: Apache-2.0 */
/* One run of one variant, watched or not, in processes of its own. */
#ifndef CLI_VARIANT_RUN_H
#define CLI_VARIANT_RUN_H

#include "cli/variants.h"
#include "model/session.h"

#define VARIANT_ERROR variant_error_quark()
GQuark variant_error_quark(void);
enum variant_error {
    VARIANT_ERROR_FAILED,  /* this variant cannot be run: others may */
    VARIANT_ERROR_NO_JOB,  /* it ended well and reported no job */
    VARIANT_ERROR_STOPPED, /* the user does not want to go on */
};

struct variant_run_options {
    gboolean traced;
    int round;
    double limit_seconds; /* a run that takes longer is ended, and has failed */
};

/* Runs it and adds one run with its measurements of the whole program to `session`. Output of the program is
 * kept in a file while it runs and not shown. A run that did not succeed is added, too: its exit status is
 * not 0. FALSE with `error` set when it could not be run or measured; it then names the variant and shows its
 * last words. */
gboolean variant_run(const struct variant *variant, const struct variant_run_options *options,
                     struct session *session, GError **error);

/* To be called once, before the first run: SIGINT and SIGTERM end the run that is under way with
 * VARIANT_ERROR_STOPPED. */
void variant_run_catch_signals(void);

#endif
