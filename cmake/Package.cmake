# SPDX-License-Identifier: Apache-2.0
# `cpack --config build/PRESET/CPackConfig.cmake` makes a .deb of each component that has something to install.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME corewise)
set(CPACK_PACKAGE_VENDOR "The corewise authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Which concurrency model fits a C program, put to the test by eBPF")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES TRUE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "The corewise authors <corewise@localhost>" CACHE STRING "Who makes the package")
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME corewise)
# libclang reads a compiler's own headers (stddef.h …) from there.
set(CPACK_DEBIAN_PACKAGE_DEPENDS libclang-common-19-dev)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS libclang-common-19-dev)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "${CPACK_PACKAGE_DESCRIPTION_SUMMARY}
 corewise reads a C program, says for each part of it whether it is CPU-, I/O-
 or lock-bound and which concurrency model fits it, and then watches the program
 run with eBPF and says whether that was true. It finds data races, deadlocks and
 blocking calls in event loops, names the locks that threads wait for by their
 name in the source, and writes reports for people, CI services and profilers.")
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "${CPACK_DEBIAN_PACKAGE_DESCRIPTION}")
include(CPack)
