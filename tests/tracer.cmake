# SPDX-License-Identifier: Apache-2.0
include(${CMAKE_CURRENT_SOURCE_DIR}/unit/fixtures/stack.cmake)
include(${CMAKE_CURRENT_SOURCE_DIR}/kernel/kernel.cmake)
corewise_unit_test(lock_holder tracer)
corewise_unit_test(region_map tracer)
corewise_unit_test(wait_cause tracer)
