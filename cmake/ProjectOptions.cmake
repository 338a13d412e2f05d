# SPDX-License-Identifier: Apache-2.0
# Compiler settings that hold for every target, and the two switches of the presets.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON) # GLib's g_autoptr needs __attribute__((cleanup))
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
option(COREWISE_WERROR "Warnings are errors" OFF)
option(COREWISE_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)

add_compile_definitions(_GNU_SOURCE COREWISE_VERSION="${PROJECT_VERSION}")
add_compile_options(-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla
                    -Wno-missing-field-initializers)
include_directories(${CMAKE_SOURCE_DIR})
if(COREWISE_WERROR)
  add_compile_options(-Werror)
endif()
if(COREWISE_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
