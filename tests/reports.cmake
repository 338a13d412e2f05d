# SPDX-License-Identifier: Apache-2.0
# Sessions made by hand; other areas may link them, too.
add_library(example_session STATIC unit/example_session.c unit/example_verdicts.c)
target_include_directories(example_session PUBLIC unit)
target_link_libraries(example_session PUBLIC model m)

corewise_unit_test(text reports example_session)
corewise_unit_test(json reports example_session PkgConfig::JSON_GLIB)
corewise_unit_test(finding_formats reports model PkgConfig::JSON_GLIB)
corewise_unit_test(contention reports example_session PkgConfig::GRAPHVIZ)

add_executable(report_golden golden/report/report_golden.c)
target_link_libraries(report_golden PRIVATE reports example_session)
corewise_test(golden report report_golden)
corewise_test(golden session_schema ${CMAKE_CURRENT_SOURCE_DIR}/golden/report/check_schema.py ${CMAKE_SOURCE_DIR})
# libgvc leaks a little per render; that is not ours.
set_property(TEST unit.contention APPEND PROPERTY ENVIRONMENT
  "LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/lsan.supp")
corewise_unit_test(live_view reports example_session)
