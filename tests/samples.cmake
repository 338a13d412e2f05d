# SPDX-License-Identifier: Apache-2.0
# One test per folder of samples/; they measure, so nothing else runs beside them.
foreach(sample IN LISTS COREWISE_SAMPLES COREWISE_JOB_SAMPLES)
  corewise_test(sample ${sample} ${CMAKE_CURRENT_SOURCE_DIR}/samples/check_sample.sh ${sample})
  set_tests_properties(sample.${sample} PROPERTIES RUN_SERIAL TRUE)
endforeach()
# Those on the runtime also run under every model; nothing is measured then.
foreach(sample IN LISTS COREWISE_JOB_SAMPLES)
  corewise_test(sample ${sample}_models ${CMAKE_CURRENT_SOURCE_DIR}/samples/job_models.sh ${sample})
endforeach()
