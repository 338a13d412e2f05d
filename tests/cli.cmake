# SPDX-License-Identifier: Apache-2.0
# Every cli/bad_input/CASE.regex is a case of cli/bad_input.sh.
file(GLOB cases RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/cli/bad_input CONFIGURE_DEPENDS
     ${CMAKE_CURRENT_SOURCE_DIR}/cli/bad_input/*.regex)
foreach(case IN LISTS cases)
  cmake_path(REMOVE_EXTENSION case)
  corewise_test(cli ${case} ${CMAKE_CURRENT_SOURCE_DIR}/cli/bad_input.sh ${case})
endforeach()
corewise_test(cli inverted ${CMAKE_CURRENT_SOURCE_DIR}/cli/inverted.sh)
set_tests_properties(cli.inverted PROPERTIES RUN_SERIAL TRUE)
corewise_test(cli calibrate ${CMAKE_CURRENT_SOURCE_DIR}/cli/calibrate.sh)
set_tests_properties(cli.calibrate PROPERTIES RUN_SERIAL TRUE)
corewise_test(cli diff ${CMAKE_CURRENT_SOURCE_DIR}/cli/diff.sh)
set_tests_properties(cli.diff PROPERTIES RUN_SERIAL TRUE)
corewise_test(cli gaps ${CMAKE_CURRENT_SOURCE_DIR}/cli/gaps.sh)
set_tests_properties(cli.gaps PROPERTIES RUN_SERIAL TRUE)
corewise_test(style docs ${CMAKE_CURRENT_SOURCE_DIR}/style/docs_test.sh)
# The table of explanations is part of the program, not of a library.
add_executable(explanations_test unit/explanations_test.c ${CMAKE_SOURCE_DIR}/cli/explanations.c)
target_link_libraries(explanations_test PRIVATE model)
corewise_test(unit explanations explanations_test)
corewise_test(cli sarif ${CMAKE_CURRENT_SOURCE_DIR}/cli/sarif.sh $<TARGET_FILE:corewise> ${CMAKE_SOURCE_DIR})
