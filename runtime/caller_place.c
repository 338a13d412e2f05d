/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/places.h"

bool corewise_run_in_caller(struct dispatch *dispatch, worker_function *work, struct corewise_error *error)
{
    (void)error;
    work(dispatch->board, 0, dispatch);
    return true;
}
