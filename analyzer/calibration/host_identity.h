/* SPDX-License-Identifier: Apache-2.0 */
/* Which machine this is, as far as the costs depend on it. */
#ifndef ANALYZER_CALIBRATION_HOST_IDENTITY_H
#define ANALYZER_CALIBRATION_HOST_IDENTITY_H

#include "model/records.h"

/* A host with name, kernel, processor, version of corewise and usable cores, without costs and time. */
struct host *host_identify(void);

/* NULL when both are the same machine, else how they differ: "its processor is X, this one's is Y"; the
 * caller's. What one of them does not tell makes no difference. */
char *host_difference(const struct host *other, const struct host *this_host);

#endif
