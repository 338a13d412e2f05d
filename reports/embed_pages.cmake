# SPDX-License-Identifier: Apache-2.0
# cmake -D OUTPUT=x.c -D FILES=a.md|b.md -P embed_pages.cmake: the pages of the rules as one C array of struct rule_page.
cmake_minimum_required(VERSION 3.25)
string(REPLACE "|" ";" FILES "${FILES}")
set(arrays "")
set(rows "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME_WE)
  string(REPLACE "-" "_" stem ${name})
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  string(APPEND arrays "static const char ${stem}_text[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", ${stem}_text},\n")
endforeach()
file(WRITE ${OUTPUT} "/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by reports/embed_pages.cmake; do not edit. */\n"
  "#include <stddef.h>\n\n#include \"reports/rule_pages.h\"\n\n${arrays}\n"
  "const struct rule_page rule_pages[] = {\n${rows}    {NULL, NULL},\n};\n")
