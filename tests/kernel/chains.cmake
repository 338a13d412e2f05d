# SPDX-License-Identifier: Apache-2.0
# Time by function at every level, of code without frame pointers, by where its debug information is (see chains.sh).
set(chains_directory ${CMAKE_CURRENT_BINARY_DIR}/chains)
add_library(chains_library SHARED kernel/chains_library.c)
add_library(chains_plugin MODULE kernel/chains_plugin.c)
add_executable(chains kernel/chains.c)
foreach(target chains_library chains_plugin chains)
  set_target_properties(${target} PROPERTIES
    COMPILE_OPTIONS "-O2;-g;-fomit-frame-pointer;-Wall;-Wextra" LINK_OPTIONS "-Wl,--build-id;-Wl,-z,lazy"
    INSTALL_RPATH "$ORIGIN" BUILD_WITH_INSTALL_RPATH TRUE
    RUNTIME_OUTPUT_DIRECTORY ${chains_directory} LIBRARY_OUTPUT_DIRECTORY ${chains_directory})
endforeach()
target_link_options(chains PRIVATE -rdynamic)
target_link_libraries(chains PRIVATE chains_library Threads::Threads)
add_executable(chains_test kernel/chains_test.c kernel/traced.c)
target_link_libraries(chains_test PRIVATE tracer model m)
add_dependencies(chains_test chains chains_plugin)
foreach(variant full link container buildid served symtab mini stale none)
  corewise_test(kernel chains_${variant} ${CMAKE_CURRENT_SOURCE_DIR}/kernel/chains.sh ${variant} $<TARGET_FILE:chains_test>
    ${chains_directory})
  set_tests_properties(kernel.chains_${variant} PROPERTIES RUN_SERIAL TRUE)
endforeach()
