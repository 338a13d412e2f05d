# SPDX-License-Identifier: Apache-2.0
# Workloads of the benchmarks; ./dev bench runs the scripts, CTest does not.
find_package(Threads REQUIRED)
foreach(workload ping_pong pread_loop contended_mutex thread_pool)
  add_executable(${workload} bench/workloads/${workload}.c)
  target_link_libraries(${workload} PRIVATE Threads::Threads)
  set_target_properties(${workload} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
endforeach()
