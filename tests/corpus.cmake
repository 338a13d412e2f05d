# SPDX-License-Identifier: Apache-2.0
# Programs of other people, fetched as Debian sources at test time (corpus/apt_source.sh) and kept in the build tree.
corewise_test(corpus pigz ${CMAKE_CURRENT_SOURCE_DIR}/corpus/pigz.sh)
set_tests_properties(corpus.pigz PROPERTIES RUN_SERIAL TRUE TIMEOUT 900)
# What corewise analyze says about whole programs, against what a reader of their source lists (corpus/NAME.roots).
foreach(program redis memcached lighttpd sqlite3)
  corewise_test(corpus ${program} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/program_roots.sh ${program})
  set_tests_properties(corpus.${program} PROPERTIES TIMEOUT 600 RESOURCE_LOCK corpus-${program})
endforeach()

# Models and classes against those of experts (corpus/programs.csv and labels.csv): a test per program, which demands the model
# and no contradiction, and corpus.labels for the share of functions over all of them.
file(STRINGS corpus/programs.csv labelled_programs REGEX "^[a-z0-9.-]+,.*\\.c,")
set(label_tests)
foreach(row IN LISTS labelled_programs)
  string(REGEX REPLACE ",.*" "" program "${row}")
  corewise_test(corpus labels.${program} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/labels.sh ${CMAKE_BINARY_DIR} ${program})
  set_tests_properties(corpus.labels.${program} PROPERTIES TIMEOUT 600 RESOURCE_LOCK corpus-${program})
  set_property(TEST corpus.labels.${program} APPEND PROPERTY ENVIRONMENT COREWISE_LABELS_LIMIT=0)
  list(APPEND label_tests corpus.labels.${program})
endforeach()
corewise_test(corpus labels ${CMAKE_CURRENT_SOURCE_DIR}/corpus/labels.sh --sum ${CMAKE_BINARY_DIR})
set_tests_properties(corpus.labels PROPERTIES DEPENDS "${label_tests}")

# SARIF against the schema of the standard, by its editors' validator.
corewise_test(corpus sarif_schema ${CMAKE_CURRENT_SOURCE_DIR}/corpus/sarif_schema.sh ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR})
