# SPDX-License-Identifier: Apache-2.0
corewise_unit_test(arena analyzer)
corewise_unit_test(command_line analyzer)
corewise_unit_test(database analyzer)
corewise_unit_test(facts_cache analyzer)
corewise_unit_test(facts_variant analyzer)
corewise_unit_test(worker analyzer)
add_library(parsed_source STATIC unit/parsed_source.c)
target_include_directories(parsed_source PUBLIC unit)
target_link_libraries(parsed_source PUBLIC analyzer)
corewise_unit_test(extract parsed_source)
corewise_unit_test(loop_facts parsed_source)

# From facts to advice.
corewise_unit_test(effects analyzer)
corewise_unit_test(model_estimates analyzer)
corewise_unit_test(advice_verdicts analyzer model)
corewise_unit_test(finding_verdicts analyzer)
corewise_unit_test(lock_state analyzer)
corewise_unit_test(place analyzer)
corewise_unit_test(gate analyzer)
target_link_libraries(model_estimates_test PRIVATE m)
corewise_unit_test(host_file analyzer)
corewise_unit_test(repetition analyzer)
corewise_unit_test(program_graph analyzer)

# A folder per case: C files and expected.txt. COREWISE_BLESS=1 ctest -R golden.analyze_ rewrites what is expected.
add_executable(analyze_golden golden/analyze_golden.c)
target_link_libraries(analyze_golden PRIVATE analyzer)
file(GLOB cases CONFIGURE_DEPENDS LIST_DIRECTORIES true RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/golden/analyze golden/analyze/*)
list(REMOVE_ITEM cases host_costs)
foreach(case ${cases})
  corewise_test(golden analyze_${case} analyze_golden ${CMAKE_CURRENT_SOURCE_DIR}/golden/analyze/${case})
endforeach()
# What a program is as a whole: one case per shape, and the details that must not decide it.
add_executable(shape_golden golden/shape_golden.c)
target_link_libraries(shape_golden PRIVATE analyzer)
foreach(case daemon_loop fork_per_connection fork_per_job helper_processes loop_and_logger loop_per_process loop_per_thread
             loop_plus_pool one_loop optional_workers pipeline process_pool rare_helpers returning_child separate_threads
             thread_per_connection thread_pool wait_with_limit)
  corewise_test(golden shape_${case} shape_golden ${CMAKE_CURRENT_SOURCE_DIR}/golden/shapes/${case})
endforeach()
# The same source on three hosts: the default one, one with dear threads, one with a single core.
foreach(host default costly_threads single_core)
  corewise_test(golden analyze_host_costs_${host} analyze_golden ${CMAKE_CURRENT_SOURCE_DIR}/golden/analyze/host_costs ${host})
endforeach()
corewise_test(style effects_names ${CMAKE_CURRENT_SOURCE_DIR}/style/effects_names.sh)

# Facts of one construct or trap each, written out in full; the second number bounds the seconds of a unit.
add_executable(facts_golden golden/facts_golden.c)
target_link_libraries(facts_golden PRIVATE analyzer)
file(GLOB cases CONFIGURE_DEPENDS LIST_DIRECTORIES true RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/golden/facts golden/facts/*)
list(REMOVE_ITEM cases hang)
foreach(case ${cases})
  corewise_test(golden facts_${case} facts_golden ${CMAKE_CURRENT_SOURCE_DIR}/golden/facts/${case})
endforeach()
corewise_test(golden facts_hang facts_golden ${CMAKE_CURRENT_SOURCE_DIR}/golden/facts/hang 3)

# Hazards: each folder of golden/lint is a rule, with C files that are bad and good and what must be said of them.
add_executable(lint_golden golden/lint_golden.c)
target_link_libraries(lint_golden PRIVATE analyzer)
file(GLOB cases RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/golden/lint CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/golden/lint/*)
foreach(case IN LISTS cases)
  corewise_test(golden lint_${case} lint_golden ${CMAKE_CURRENT_SOURCE_DIR}/golden/lint/${case})
endforeach()
