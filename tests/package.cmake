# SPDX-License-Identifier: Apache-2.0
corewise_test(package deb ${CMAKE_CURRENT_SOURCE_DIR}/package/package.sh)
corewise_test(package clean_system ${CMAKE_CURRENT_SOURCE_DIR}/package/clean_system.sh)
set_tests_properties(package.clean_system PROPERTIES TIMEOUT 1200)
