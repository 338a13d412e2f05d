# SPDX-License-Identifier: Apache-2.0
# Programs of other people, fetched as Debian sources at test time (corpus/apt_source.sh) and kept in the build tree.
corewise_test(corpus pigz ${CMAKE_CURRENT_SOURCE_DIR}/corpus/pigz.sh)
set_tests_properties(corpus.pigz PROPERTIES RUN_SERIAL TRUE TIMEOUT 900)
# What corewise analyze says about whole programs, against what a reader of their source lists (corpus/NAME.roots).
foreach(program redis memcached lighttpd sqlite3)
  corewise_test(corpus ${program} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/program_roots.sh ${program})
  set_tests_properties(corpus.${program} PROPERTIES TIMEOUT 600)
endforeach()
