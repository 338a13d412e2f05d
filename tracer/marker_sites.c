/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/marker_sites.h"

#include <gelf.h>
#include <libelf.h>
#include <string.h>

#define NOTE_TYPE_PROBE  3 /* NT_STAPSDT */
#define NOTE_OWNER       "stapsdt"
#define NOTE_SECTION     ".note.stapsdt"
#define BASE_SECTION     ".stapsdt.base"
#define NOTE_PROVIDER    "corewise"
#define DESCRIPTION_HEAD (3 * sizeof(guint64)) /* probe, base, semaphore */

struct note_file {
    Elf *elf;
    guint64 base; /* where .stapsdt.base is now; 0: not known */
    GArray *sites;
};

static void site_clear(gpointer pointer)
{
    g_free(((struct marker_site *)pointer)->name);
}

/* The offset in the file of an address in an executable segment. */
static gboolean find_offset(Elf *elf, guint64 address, guint64 *offset)
{
    gsize count = 0;
    elf_getphdrnum(elf, &count);
    for (gsize i = 0; i < count; i++) {
        GElf_Phdr header;
        if (gelf_getphdr(elf, (int)i, &header) && header.p_type == PT_LOAD && (header.p_flags & PF_X) &&
            address - header.p_vaddr < header.p_filesz) {
            *offset = address - header.p_vaddr + header.p_offset;
            return TRUE;
        }
    }
    return FALSE;
}

/* `probe`: its name, then its arguments, within `length` bytes that end with a zero. */
static gboolean read_name(struct marker_site *site, const char *probe, gsize length)
{
    gsize name_length = strlen(probe) + 1;
    site->of_block = name_length < length && probe[name_length];
    if (strcmp(probe, "leave") == 0)
        site->kind = MARKER_LEAVE;
    else if (g_str_has_prefix(probe, "begin_"))
        site->kind = MARKER_BEGIN;
    else if (g_str_has_prefix(probe, "end_"))
        site->kind = MARKER_END;
    else
        return FALSE;
    if (site->kind != MARKER_LEAVE)
        site->name = g_utf8_make_valid(strchr(probe, '_') + 1, -1);
    return TRUE;
}

static void read_note(struct note_file *file, const char *description, gsize length)
{
    guint64 head[3];
    if (length <= DESCRIPTION_HEAD || description[length - 1])
        return;
    memcpy(head, description, sizeof(head));
    const char *provider = description + DESCRIPTION_HEAD;
    gsize left = length - DESCRIPTION_HEAD, provider_length = strlen(provider) + 1;
    if (provider_length >= left || strcmp(provider, NOTE_PROVIDER) != 0)
        return;
    /* prelink moves the code, but not what notes say of it */
    struct marker_site site = {.address = head[0] + (file->base ? file->base - head[1] : 0)};
    if (find_offset(file->elf, site.address, &site.offset) &&
        read_name(&site, provider + provider_length, left - provider_length))
        g_array_append_val(file->sites, site);
}

static void read_section(struct note_file *file, Elf_Scn *section)
{
    Elf_Data *data = elf_getdata(section, NULL);
    gsize at = 0, name_at = 0, description_at = 0;
    GElf_Nhdr note;
    while (data && (at = gelf_getnote(data, at, &note, &name_at, &description_at)) > 0) {
        const char *bytes = data->d_buf;
        if (note.n_type == NOTE_TYPE_PROBE && note.n_namesz == sizeof(NOTE_OWNER) &&
            memcmp(bytes + name_at, NOTE_OWNER, sizeof(NOTE_OWNER)) == 0)
            read_note(file, bytes + description_at, note.n_descsz);
    }
}

static void read_sections(struct note_file *file)
{
    Elf_Scn *section = NULL, *notes = NULL;
    gsize names = 0;
    GElf_Shdr header;
    if (elf_getshdrstrndx(file->elf, &names))
        return;
    while ((section = elf_nextscn(file->elf, section))) {
        const char *name =
            gelf_getshdr(section, &header) ? elf_strptr(file->elf, names, header.sh_name) : NULL;
        if (name && header.sh_type == SHT_NOTE && strcmp(name, NOTE_SECTION) == 0)
            notes = section;
        else if (name && strcmp(name, BASE_SECTION) == 0)
            file->base = header.sh_addr;
    }
    if (notes)
        read_section(file, notes);
}

GArray *marker_sites_read(int file)
{
    struct note_file notes = {.sites = g_array_new(FALSE, FALSE, sizeof(struct marker_site))};
    g_array_set_clear_func(notes.sites, site_clear);
    elf_version(EV_CURRENT);
    notes.elf = elf_begin(file, ELF_C_READ_MMAP, NULL);
    if (notes.elf && elf_kind(notes.elf) == ELF_K_ELF && gelf_getclass(notes.elf) == ELFCLASS64)
        read_sections(&notes);
    elf_end(notes.elf);
    return notes.sites;
}
