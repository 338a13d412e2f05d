# SPDX-License-Identifier: Apache-2.0
corewise_test(style includes ${CMAKE_CURRENT_SOURCE_DIR}/style/includes_test.sh)
