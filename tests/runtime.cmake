# SPDX-License-Identifier: Apache-2.0
corewise_unit_test(coroutine runtime model)
corewise_unit_test(host_limits runtime model)
# As a source, because each set of sanitizers needs its own.
add_library(each_model INTERFACE)
target_sources(each_model INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/unit/each_model.c)
corewise_unit_test(job each_model runtime model)
corewise_unit_test(job_endings each_model runtime model)
corewise_unit_test(job_options each_model runtime model)
corewise_unit_test(task_calls each_model runtime model)
corewise_unit_test(task_output each_model runtime model)
corewise_test(cli installed_runtime ${CMAKE_CURRENT_SOURCE_DIR}/runtime/installed.sh)
include(${CMAKE_CURRENT_SOURCE_DIR}/bench/runtime.cmake)

# The same once more under each sanitizer, which are told of every switch of stacks. The preset that sanitizes all
# has AddressSanitizer already, and it excludes ThreadSanitizer.
function(corewise_sanitized_runtime name sanitizers)
  get_target_property(sources runtime_objects SOURCES)
  list(TRANSFORM sources PREPEND ${CMAKE_SOURCE_DIR}/runtime/)
  add_library(runtime_${name} OBJECT ${sources})
  target_compile_options(runtime_${name} PUBLIC -fsanitize=${sanitizers} -fno-sanitize-recover=all)
  target_link_options(runtime_${name} PUBLIC -fsanitize=${sanitizers})
  find_package(Threads REQUIRED)
  target_link_libraries(runtime_${name} PUBLIC PkgConfig::LIBUV PkgConfig::GLIB ${BOOST_CONTEXT} Threads::Threads)
  foreach(subject coroutine job job_endings job_options task_calls task_output)
    add_executable(${subject}_${name}_test unit/${subject}_test.c)
    target_link_libraries(${subject}_${name}_test PRIVATE each_model runtime_${name})
    corewise_test(unit ${subject}_${name} ${subject}_${name}_test)
    set_property(TEST unit.${subject}_${name} APPEND PROPERTY ENVIRONMENT
      "TSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/tsan.supp"
      "LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/lsan.supp:print_suppressions=0")
  endforeach()
endfunction()
if(NOT COREWISE_SANITIZE)
  corewise_sanitized_runtime(thread thread)
  corewise_sanitized_runtime(address address,undefined)
endif()
