/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kernel/chains_library.h"

int chains_library_step(int value)
{
    return value + 1;
}
