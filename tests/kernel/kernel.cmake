# SPDX-License-Identifier: Apache-2.0
# The tracer against a program that knows its own truth, one test per case. They measure, so they run alone.
find_package(Threads REQUIRED)
add_executable(truth kernel/truth.c kernel/truth_calls.c kernel/truth_locks.c kernel/truth_scale.c
  kernel/truth_threads.c kernel/truth_waits.c)
# The leak checker at the end of a sanitized program would be one process more than it counted.
target_compile_options(truth PRIVATE -g -fno-sanitize=all)
target_link_options(truth PRIVATE -fno-sanitize=all)
target_link_libraries(truth PRIVATE Threads::Threads)
function(corewise_kernel_tests program)
  add_executable(${program} kernel/${program}.c kernel/traced.c)
  target_link_libraries(${program} PRIVATE tracer model m)
  foreach(case IN LISTS ARGN)
    corewise_test(kernel ${case} ${program} ${case} $<TARGET_FILE:truth>)
    set_tests_properties(kernel.${case} PROPERTIES RUN_SERIAL TRUE)
  endforeach()
endfunction()
corewise_kernel_tests(trace_test timer pipe socket poll child disk mutex condition semaphore rwlock barrier join cpu cost timeline
  switches threads forks names attach exit_status refusals)
corewise_kernel_tests(scope_test pids name cgroup namespace killed vanishing crowd many storm chain)
corewise_kernel_tests(calls_test call_counts call_latency call_slices call_strace)
corewise_kernel_tests(uses_test lock_uses lock_holds lock_attach)
corewise_kernel_tests(losses_test loss_none loss_tables loss_ring loss_found)
corewise_kernel_tests(privilege_test capabilities plain plain_cpu plain_attach dropped)

# A library's loop that calls back. Without the library the test says so.
pkg_check_modules(LIBEVENT QUIET IMPORTED_TARGET libevent_core)
add_executable(callback_test kernel/callback_test.c kernel/traced.c)
target_link_libraries(callback_test PRIVATE tracer model m)
if(TARGET PkgConfig::LIBEVENT)
  add_executable(event_loop kernel/event_loop.c)
  target_compile_options(event_loop PRIVATE -g -fno-sanitize=all)
  target_link_options(event_loop PRIVATE -fno-sanitize=all)
  target_link_libraries(event_loop PRIVATE PkgConfig::LIBEVENT Threads::Threads)
  corewise_test(kernel callback callback_test $<TARGET_FILE:event_loop> ${CMAKE_CURRENT_SOURCE_DIR}/kernel/event_loop.c)
else()
  corewise_test(kernel callback callback_test)
endif()
set_tests_properties(kernel.callback PROPERTIES RUN_SERIAL TRUE)
