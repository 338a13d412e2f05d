# SPDX-License-Identifier: Apache-2.0
# Sessions made by hand; other areas may link them, too.
add_library(example_session STATIC unit/example_session.c unit/example_records.c
  unit/example_stacks.c unit/example_verdicts.c)
target_include_directories(example_session PUBLIC unit)
target_link_libraries(example_session PUBLIC model m)

corewise_unit_test(text reports example_session)
corewise_unit_test(json reports example_session PkgConfig::JSON_GLIB)
corewise_unit_test(html_sources reports example_session)
corewise_unit_test(finding_formats reports model PkgConfig::JSON_GLIB)
add_library(graph_reading STATIC unit/graph_reading.c)
target_include_directories(graph_reading PUBLIC unit)
target_link_libraries(graph_reading PUBLIC reports model PkgConfig::GRAPHVIZ)
corewise_unit_test(contention graph_reading example_session)
corewise_unit_test(wait_for graph_reading example_session)
corewise_unit_test(call_graph graph_reading example_session)
corewise_unit_test(lock_order_graph graph_reading example_session)
corewise_unit_test(large_graph graph_reading example_session)

# The HTML page, in a browser.
add_executable(page_sessions browser/page_sessions.c)
target_link_libraries(page_sessions PRIVATE example_session)
corewise_test(browser page ${CMAKE_CURRENT_SOURCE_DIR}/browser/page_test.py $<TARGET_FILE:corewise> $<TARGET_FILE:page_sessions>)

add_executable(report_golden golden/report/report_golden.c)
target_link_libraries(report_golden PRIVATE reports example_session)
corewise_test(golden report report_golden)
corewise_test(golden session_schema ${CMAKE_CURRENT_SOURCE_DIR}/golden/report/check_schema.py ${CMAKE_SOURCE_DIR})
# libgvc leaks a little per render; that is not ours.
set_property(TEST unit.contention unit.wait_for unit.large_graph APPEND PROPERTY ENVIRONMENT
  "LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/lsan.supp")
corewise_unit_test(live_view reports example_session)

# What the programs that a format is for make of it: formats/check.sh FORMAT runs formats/FORMAT.py.
add_executable(write_examples unit/write_examples.c)
target_link_libraries(write_examples PRIVATE example_session)
foreach(format markdown csv trace-events openmetrics folded speedscope pprof)
  corewise_test(cli format_${format} ${CMAKE_CURRENT_SOURCE_DIR}/formats/check.sh ${format} $<TARGET_FILE:write_examples>)
endforeach()
