/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/call_names.h"

#include <string.h>

#define CALL_SIZE_MAX 6
#define STUB_SIZE     16
#define SECTIONS_MAX  4096

struct call_names {
    Elf *elf;
    GHashTable *imports; /* address of a GOT slot to the name of the function it holds; NULL until needed */
};

struct call_names *call_names_new(Elf *elf)
{
    struct call_names *names = g_new0(struct call_names, 1);
    names->elf = elf;
    return names;
}

void call_names_free(struct call_names *names)
{
    if (!names)
        return;
    if (names->imports)
        g_hash_table_unref(names->imports);
    g_free(names);
}

/* Copies code out of the file; FALSE when the address is in no executable segment. */
static gboolean read_code(Elf *elf, guint64 address, guint8 *bytes, gsize size)
{
    size_t count = 0, file_size = 0;
    const char *file = elf_rawfile(elf, &file_size);
    if (!file || elf_getphdrnum(elf, &count) != 0)
        return FALSE;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr segment;
        if (!gelf_getphdr(elf, (int)i, &segment) || segment.p_type != PT_LOAD || !(segment.p_flags & PF_X) ||
            address < segment.p_vaddr || address - segment.p_vaddr > segment.p_filesz ||
            segment.p_filesz - (address - segment.p_vaddr) < size)
            continue;
        guint64 offset = segment.p_offset + (address - segment.p_vaddr);
        if (offset > file_size || file_size - offset < size)
            return FALSE;
        memcpy(bytes, file + offset, size);
        return TRUE;
    }
    return FALSE;
}

static guint64 relative(guint64 base, const guint8 *displacement)
{
    gint32 value = 0;
    memcpy(&value, displacement, sizeof value);
    return base + (guint64)(gint64)value;
}

static void read_relocations(struct call_names *names, Elf_Scn *section, const GElf_Shdr *header)
{
    Elf_Scn *symbols_section = elf_getscn(names->elf, header->sh_link);
    GElf_Shdr symbols_header;
    Elf_Data *relocations = elf_getdata(section, NULL);
    Elf_Data *symbols = symbols_section ? elf_getdata(symbols_section, NULL) : NULL;
    if (!relocations || !symbols || !gelf_getshdr(symbols_section, &symbols_header))
        return;
    GElf_Rela relocation;
    for (int i = 0; gelf_getrela(relocations, i, &relocation); i++) {
        guint64 type = GELF_R_TYPE(relocation.r_info);
        GElf_Sym symbol;
        if ((type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT) ||
            !gelf_getsym(symbols, (int)GELF_R_SYM(relocation.r_info), &symbol))
            continue;
        const char *name = elf_strptr(names->elf, symbols_header.sh_link, symbol.st_name);
        if (name && name[0] != '\0')
            g_hash_table_insert(names->imports, g_memdup2(&relocation.r_offset, sizeof relocation.r_offset),
                                (gpointer)name);
    }
}

static const char *import_at(struct call_names *names, guint64 slot)
{
    if (!names->imports) {
        names->imports = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
        Elf_Scn *section = NULL;
        for (int i = 0; i < SECTIONS_MAX && (section = elf_nextscn(names->elf, section)); i++) {
            GElf_Shdr header;
            if (gelf_getshdr(section, &header) && header.sh_type == SHT_RELA && header.sh_flags & SHF_ALLOC)
                read_relocations(names, section, &header);
        }
    }
    return g_hash_table_lookup(names->imports, &slot);
}

/* A PLT entry, with or without endbr64 and bnd prefix: jmp *slot(%rip). */
static const char *import_of_stub(struct call_names *names, guint64 address)
{
    static const guint8 endbr64[] = {0xf3, 0x0f, 0x1e, 0xfa};
    guint8 code[STUB_SIZE];
    gsize at = 0;
    if (!read_code(names->elf, address, code, sizeof code))
        return NULL;
    if (memcmp(code, endbr64, sizeof endbr64) == 0)
        at += sizeof endbr64;
    if (code[at] == 0xf2)
        at++;
    if (code[at] != 0xff || code[at + 1] != 0x25)
        return NULL;
    return import_at(names, relative(address + at + 6, code + at + 2));
}

gboolean call_names_find(struct call_names *names, guint64 return_address, const char **imported,
                         guint64 *target)
{
    guint8 code[CALL_SIZE_MAX];
    *imported = NULL;
    *target = 0;
    if (!names->elf || return_address < CALL_SIZE_MAX ||
        !read_code(names->elf, return_address - CALL_SIZE_MAX, code, sizeof code))
        return FALSE;
    if (code[0] == 0xff && code[1] == 0x15) { /* call *slot(%rip) */
        *imported = import_at(names, relative(return_address, code + 2));
        return *imported != NULL;
    }
    if (code[1] != 0xe8) /* call target */
        return FALSE;
    *target = relative(return_address, code + 2);
    *imported = import_of_stub(names, *target);
    return TRUE;
}
