/* SPDX-License-Identifier: Apache-2.0 */
/* The process that answers HTTP requests for metrics. */
#ifndef CLI_METRICS_PAGE_H
#define CLI_METRICS_PAGE_H

/* Answers requests at `listener` with the newest text that came over `channel`, until the other end of that
 * is closed. Gives up all privileges first; takes both descriptors over and closes all others. */
void metrics_page_serve(int listener, int channel);

#endif
