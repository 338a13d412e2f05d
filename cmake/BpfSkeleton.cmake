# SPDX-License-Identifier: Apache-2.0
# bpf_skeleton(TARGET name): compiles name.bpf.c with clang's BPF back end, strips it to BTF, and generates the header
# name.skel.h into TARGET's private include path.
find_program(BPF_CLANG NAMES clang-19 REQUIRED)
find_program(BPF_STRIP NAMES llvm-strip-19 REQUIRED)
find_program(BPFTOOL NAMES bpftool PATHS /usr/sbin /usr/local/sbin REQUIRED)

function(bpf_skeleton target name)
  set(source ${CMAKE_CURRENT_SOURCE_DIR}/bpf/${name}.bpf.c)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
  set(header ${CMAKE_CURRENT_BINARY_DIR}/skeleton/${name}.skel.h)
  file(MAKE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/skeleton)
  add_custom_command(OUTPUT ${object}
    COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -std=gnu11 -O2 -g -Wall -Wextra -Werror
            -I${CMAKE_SOURCE_DIR} -I/usr/include/${CMAKE_LIBRARY_ARCHITECTURE}
            -MD -MF ${object}.d -c ${source} -o ${object}
    COMMAND ${BPF_STRIP} -g ${object}
    DEPENDS ${source} DEPFILE ${object}.d
    COMMENT "Compiling BPF object ${name}.bpf.o" VERBATIM)
  add_custom_command(OUTPUT ${header}
    COMMAND sh -c "\"$1\" gen skeleton \"$2\" name ${name}_bpf > \"$3\"" sh ${BPFTOOL} ${object} ${header}
    DEPENDS ${object}
    COMMENT "Generating skeleton ${name}.skel.h" VERBATIM)
  target_sources(${target} PRIVATE ${header})
  target_include_directories(${target} SYSTEM PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/skeleton)
endfunction()
