# SPDX-License-Identifier: Apache-2.0
corewise_unit_test(command_line analyzer)
corewise_unit_test(database analyzer)
corewise_unit_test(extract analyzer)
corewise_unit_test(facts_cache analyzer)
corewise_unit_test(facts_variant analyzer)
corewise_unit_test(worker analyzer)

# From facts to advice.
corewise_unit_test(effects analyzer)
corewise_unit_test(model_estimates analyzer)
corewise_unit_test(program_graph analyzer)

# A folder per case: C files and expected.txt. COREWISE_BLESS=1 ctest -R golden.analyze_ rewrites what is expected.
add_executable(analyze_golden golden/analyze_golden.c)
target_link_libraries(analyze_golden PRIVATE analyzer)
foreach(case aio_thread blocking_reads c11_threads common_way descriptor_flows call_circle callback_registry clone_flows coroutines dependent_loop equal_statics
             event_loop fork_workers fork_wrapper glib_flows io_uring_loop kqueue_loop libevent_callbacks lock_wrapper openmp_loop recursion
             registered_callbacks shared_sum signal_handlers spawned_programs thread_pool two_mains watcher_fields)
  corewise_test(golden analyze_${case} analyze_golden ${CMAKE_CURRENT_SOURCE_DIR}/golden/analyze/${case})
endforeach()
corewise_test(style effects_names ${CMAKE_CURRENT_SOURCE_DIR}/style/effects_names.sh)

# Facts of one construct or trap each, written out in full; the second number bounds the seconds of a unit.
add_executable(facts_golden golden/facts_golden.c)
target_link_libraries(facts_golden PRIVATE analyzer)
foreach(case access_paths atomics control_flow crash creation dependence dependency_file descriptors duff field_calls
    for_forms gcc_flags goto_loops included_code inserted_dashes launchers locks long_expression missing_header old_c
    recursion relative_paths response_file several_commands static_names while_counts)
  corewise_test(golden facts_${case} facts_golden ${CMAKE_CURRENT_SOURCE_DIR}/golden/facts/${case})
endforeach()
corewise_test(golden facts_hang facts_golden ${CMAKE_CURRENT_SOURCE_DIR}/golden/facts/hang 3)
