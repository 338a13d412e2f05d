# SPDX-License-Identifier: Apache-2.0
corewise_unit_test(command_line analyzer)
corewise_unit_test(database analyzer)
corewise_unit_test(extract analyzer)
corewise_unit_test(facts_variant analyzer)
corewise_unit_test(worker analyzer)

# From facts to advice.
corewise_unit_test(effects analyzer)
corewise_unit_test(model_estimates analyzer)
corewise_unit_test(program_graph analyzer)

# A folder per case: C files and expected.txt. COREWISE_BLESS=1 ctest -R golden.analyze_ rewrites what is expected.
add_executable(analyze_golden golden/analyze_golden.c)
target_link_libraries(analyze_golden PRIVATE analyzer)
foreach(case blocking_reads dependent_loop event_loop fork_workers lock_wrapper shared_sum thread_pool)
  corewise_test(golden analyze_${case} analyze_golden ${CMAKE_CURRENT_SOURCE_DIR}/golden/analyze/${case})
endforeach()
corewise_test(style effects_names ${CMAKE_CURRENT_SOURCE_DIR}/style/effects_names.sh)
