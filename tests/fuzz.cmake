# SPDX-License-Identifier: Apache-2.0
# Fuzz targets, with sanitizers, as tests: short runs with a fixed seed. With clang's libFuzzer where its run-time library
# is installed (libclang-rt-19-dev), else with changes at random by fuzz/mutate.c. For a long run call the program itself:
# build/dev/tests/fuzz/stack_fuzz -max_len=200000 CORPUS_FOLDER
find_program(FUZZ_CLANG NAMES clang-19 REQUIRED)
set(fuzz_directory ${CMAKE_CURRENT_BINARY_DIR}/fuzz)
file(MAKE_DIRECTORY ${fuzz_directory})
execute_process(COMMAND pkg-config --cflags glib-2.0 OUTPUT_VARIABLE fuzz_flags OUTPUT_STRIP_TRAILING_WHITESPACE)
separate_arguments(fuzz_flags)
file(WRITE ${fuzz_directory}/probe.c
  "int LLVMFuzzerTestOneInput(const char *data, unsigned long size);\n"
  "int LLVMFuzzerTestOneInput(const char *data, unsigned long size) { return size > 3 && data[0] == 1; }\n")
execute_process(COMMAND ${FUZZ_CLANG} -fsanitize=fuzzer,address ${fuzz_directory}/probe.c -o ${fuzz_directory}/probe
  RESULT_VARIABLE fuzz_refused OUTPUT_QUIET ERROR_QUIET)
if(fuzz_refused)
  set(fuzz_compiler ${CMAKE_C_COMPILER})
  set(fuzz_sanitizers -fsanitize=address,undefined -fno-sanitize-recover=undefined)
  set(fuzz_driver tests/fuzz/mutate.c)
else()
  set(fuzz_compiler ${FUZZ_CLANG})
  set(fuzz_sanitizers -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined)
  set(fuzz_driver "")
endif()

# corewise_fuzz_target(stack_fuzz SOURCE…): fuzz/stack_fuzz.c with these sources of the project, all instrumented.
function(corewise_fuzz_target name)
  set(objects "")
  foreach(source tests/fuzz/${name}.c ${fuzz_driver} ${ARGN})
    string(REPLACE "/" "_" object ${source})
    set(object ${fuzz_directory}/${name}_${object}.o)
    add_custom_command(OUTPUT ${object}
      COMMAND ${fuzz_compiler} -std=gnu17 -O1 -g -D_GNU_SOURCE ${fuzz_sanitizers}
              -I${CMAKE_SOURCE_DIR} ${fuzz_flags} -MD -MF ${object}.d -c ${CMAKE_SOURCE_DIR}/${source} -o ${object}
      DEPENDS ${CMAKE_SOURCE_DIR}/${source} DEPFILE ${object}.d COMMENT "Compiling ${source} for ${name}" VERBATIM)
    list(APPEND objects ${object})
  endforeach()
  add_custom_command(OUTPUT ${fuzz_directory}/${name}
    COMMAND ${fuzz_compiler} ${fuzz_sanitizers} ${objects} -ldw -lelf -lglib-2.0 -lm -o ${fuzz_directory}/${name}
    DEPENDS ${objects} COMMENT "Linking fuzz target ${name}" VERBATIM)
  add_custom_target(${name} ALL DEPENDS ${fuzz_directory}/${name})
endfunction()

set(stack_sources call_names debug_index debug_type debug_variables elf_symbols heap_place lock_member lock_site module
  object_name object_pointer pointer_slots stack_check symbols target tracer_error type_name unwind unwind_expression
  unwind_rules)
list(TRANSFORM stack_sources REPLACE "(.+)" "tracer/\\1.c")
corewise_fuzz_target(stack_fuzz ${stack_sources})
corewise_test(fuzz stack ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/stack_fuzz.sh ${fuzz_directory}/stack_fuzz
  ${CMAKE_CURRENT_BINARY_DIR}/fixtures)
