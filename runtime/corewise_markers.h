/* SPDX-License-Identifier: Apache-2.0 */
/* Regions of a program by a name of its own: `corewise trace` and `check` measure how often and how long each
 * ran, on the core, waiting for a core, and blocked. Header-only, C11 and C++11, GCC and clang; no library.
 *
 *     COREWISE_REGION("parse");         from here to the end of the block, however it is left
 *     COREWISE_REGION_BEGIN("load");    from here …
 *     COREWISE_REGION_END("load");      … to here, in the same thread, where a block will not do
 *
 * The name is a string literal without % { | } and backslashes, of less than 64 bytes. What has one name is
 * one region; inside itself it counts once. While nobody watches, a begin or an end is one instruction that
 * does nothing; that of a block also loads an address. Each is a USDT probe (provider `corewise`, probes
 * `begin_NAME`, `end_NAME`, `leave`), which perf and bpftrace know too. On other processors than x86-64, and
 * with COREWISE_NO_MARKERS defined, all three are nothing. */
#ifndef COREWISE_MARKERS_H
#define COREWISE_MARKERS_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(COREWISE_NO_MARKERS)

/* clang-format off */

/* The note that systemtap's <sys/sdt.h> writes: address of the instruction, address of .stapsdt.base at link
 * time, no semaphore, provider, probe, arguments. `?`: in the section group of the function, so that the linker
 * keeps or drops both. */
#define COREWISE_PROBE_NOTE(PROBE, ARGUMENTS)                  \
    "990: nop\n"                                               \
    ".pushsection .note.stapsdt,\"?\",\"note\"\n"              \
    ".balign 4\n"                                              \
    ".4byte 992f-991f, 994f-993f, 3\n"                         \
    "991: .asciz \"stapsdt\"\n"                                \
    "992: .balign 4\n"                                         \
    "993: .8byte 990b, _.stapsdt.base, 0\n"                    \
    ".asciz \"corewise\"\n"                                    \
    PROBE                                                      \
    ".asciz \"" ARGUMENTS "\"\n"                               \
    "994: .balign 4\n"                                         \
    ".popsection\n"                                            \
    ".ifndef _.stapsdt.base\n"                                 \
    ".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n" \
    ".weak _.stapsdt.base\n"                                   \
    ".hidden _.stapsdt.base\n"                                 \
    "_.stapsdt.base: .space 1\n"                               \
    ".size _.stapsdt.base, 1\n"                                \
    ".popsection\n"                                            \
    ".endif\n"

/* Two strings in a row, of which only the last ends with a zero. */
#define COREWISE_PROBE_NAME(KIND, NAME) ".ascii \"" KIND "\"\n.asciz " #NAME "\n"

/* A block's begin and end carry the address of its variable, which tells which of the open ones ends. */
#define COREWISE_BLOCK_BEGIN(NAME, SCOPE)                                                                     \
    __asm__ __volatile__(COREWISE_PROBE_NOTE(COREWISE_PROBE_NAME("begin_", NAME), "8@%%rdi")                   \
                         : : "D"(SCOPE) : "memory")
#define COREWISE_PAIR_BEGIN(NAME)                                                                             \
    __asm__ __volatile__(COREWISE_PROBE_NOTE(COREWISE_PROBE_NAME("begin_", NAME), "") : : : "memory")
#define COREWISE_PAIR_END(NAME)                                                                               \
    __asm__ __volatile__(COREWISE_PROBE_NOTE(COREWISE_PROBE_NAME("end_", NAME), "") : : : "memory")

/* clang-format on */

/* The end of a block: its cleanup. */
static inline __attribute__((always_inline, unused)) void corewise_region_leave(const char *scope)
{
    __asm__ __volatile__(COREWISE_PROBE_NOTE(".asciz \"leave\"\n", "8@%%rdi") : : "D"(scope) : "memory");
}

#define COREWISE_JOIN_NAMES(FIRST, SECOND) FIRST##SECOND
#define COREWISE_SCOPE_NAME(NUMBER)        COREWISE_JOIN_NAMES(corewise_region_, NUMBER)
/* Joining it to other literals refuses what is none. */
#define COREWISE_IS_LITERAL(NAME) (void)sizeof("" NAME "")
#define COREWISE_REGION_AS(NAME, SCOPE)                                                                      \
    __attribute__((cleanup(corewise_region_leave), unused)) char SCOPE;                                      \
    COREWISE_IS_LITERAL(NAME);                                                                               \
    COREWISE_BLOCK_BEGIN(NAME, &SCOPE)

#define COREWISE_REGION(NAME)       COREWISE_REGION_AS(NAME, COREWISE_SCOPE_NAME(__COUNTER__))
#define COREWISE_REGION_BEGIN(NAME) (COREWISE_IS_LITERAL(NAME), __extension__({ COREWISE_PAIR_BEGIN(NAME); }))
#define COREWISE_REGION_END(NAME)   (COREWISE_IS_LITERAL(NAME), __extension__({ COREWISE_PAIR_END(NAME); }))

#else

#define COREWISE_REGION(NAME)       ((void)sizeof("" NAME ""))
#define COREWISE_REGION_BEGIN(NAME) ((void)sizeof("" NAME ""))
#define COREWISE_REGION_END(NAME)   ((void)sizeof("" NAME ""))

#endif

#endif
