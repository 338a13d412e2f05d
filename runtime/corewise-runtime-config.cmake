# SPDX-License-Identifier: Apache-2.0
# Targets corewise::runtime (shared) and corewise::runtime-static; the latter needs libuv and Boost.Context installed.
include(CMakeFindDependencyMacro)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/corewise-runtime.cmake)
