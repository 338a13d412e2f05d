# SPDX-License-Identifier: Apache-2.0
corewise_unit_test(coroutine runtime model)
corewise_unit_test(host_limits runtime model)
corewise_unit_test(job runtime model)
corewise_unit_test(task_calls runtime model)
