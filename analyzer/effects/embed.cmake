# SPDX-License-Identifier: Apache-2.0
# cmake -D OUTPUT=x.c -D FILES=a.yaml|b.yaml -P embed.cmake: the effects files as one C array of struct embedded_effects.
cmake_minimum_required(VERSION 3.25)
string(REPLACE "|" ";" FILES "${FILES}")
set(arrays "")
set(rows "")
foreach(file IN LISTS FILES)
  get_filename_component(stem ${file} NAME_WE)
  get_filename_component(name ${file} NAME)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND arrays "static const unsigned char ${stem}_text[] = {${bytes}};\n")
  string(APPEND rows "    {\"${name}\", ${stem}_text, sizeof(${stem}_text)},\n")
endforeach()
file(WRITE ${OUTPUT} "/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by effects/embed.cmake; do not edit. */\n"
  "#include \"analyzer/effects.h\"\n\n${arrays}\n"
  "const struct embedded_effects embedded_effects[] = {\n${rows}    {NULL, NULL, 0},\n};\n")
