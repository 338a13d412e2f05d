/* SPDX-License-Identifier: Apache-2.0 */
/* A marker in a library that is opened while the program runs. */
#include "runtime/corewise_markers.h"

#include <time.h>

void library_region(void);

void library_region(void)
{
    COREWISE_REGION("in a library");
    struct timespec time = {.tv_nsec = 100000000};
    nanosleep(&time, NULL);
}
