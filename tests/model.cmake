# SPDX-License-Identifier: Apache-2.0
corewise_unit_test(difference model m)
corewise_unit_test(histogram model m)
corewise_unit_test(judge model m)
corewise_unit_test(session_file model PkgConfig::SQLITE)
corewise_unit_test(class_coverage model)
corewise_unit_test(paired_interval model m)
corewise_unit_test(contest model m)
