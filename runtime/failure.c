/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/failure.h"

#include <stdarg.h>
#include <stdio.h>

bool corewise_fail(struct corewise_error *error, int code, const char *format, ...)
{
    if (!error)
        return false;
    va_list arguments;
    va_start(arguments, format);
    error->code = code;
    (void)vsnprintf(error->message, sizeof(error->message), format, arguments);
    va_end(arguments);
    return false;
}
