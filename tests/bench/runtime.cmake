# SPDX-License-Identifier: Apache-2.0
# Workloads of runtime.sh. OpenMP and liburing are peers only: without them the benchmark is not built.
find_package(OpenMP COMPONENTS C)
pkg_check_modules(LIBURING IMPORTED_TARGET liburing)
if(OpenMP_C_FOUND AND LIBURING_FOUND)
  foreach(workload pool_dispatch coroutine_switch waiting_tasks echo_server echo_client)
    add_executable(${workload} ${CMAKE_CURRENT_LIST_DIR}/workloads/${workload}.c)
    target_compile_options(${workload} PRIVATE -O2)
    target_link_libraries(${workload} PRIVATE runtime)
    set_target_properties(${workload} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
  endforeach()
  target_link_libraries(pool_dispatch PRIVATE OpenMP::OpenMP_C PkgConfig::GLIB)
  target_link_libraries(echo_server PRIVATE PkgConfig::LIBURING)
endif()
