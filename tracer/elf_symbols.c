/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/elf_symbols.h"

#include <string.h>

#define SYMBOL_SIZE_MAX ((guint64)1 << 40)
#define SCAN_MAX        4096 /* symbols looked at before a containing one is given up */

/* Libraries give one function several names; people write the exported one with the fewest underscores.
 * `__GI_` marks the alias that glibc uses inside of itself. */
static guint symbol_rank(const GElf_Sym *symbol, const char *name)
{
    static const guint by_binding[] = {[STB_LOCAL] = 2, [STB_GLOBAL] = 0, [STB_WEAK] = 1};
    guint binding = GELF_ST_BIND(symbol->st_info);
    gboolean internal = g_str_has_prefix(name, "__GI_");
    return (internal ? 1u << 20 : 0) + (guint)strspn(name, "_") * 1024 +
           (binding < G_N_ELEMENTS(by_binding) ? by_binding[binding] : 3) * 256 +
           MIN((guint)strlen(name), 255);
}

static int compare_symbols(gconstpointer a, gconstpointer b)
{
    const struct elf_symbol *left = a, *right = b;
    if (left->start != right->start)
        return left->start < right->start ? -1 : 1;
    /* the last of equal starts is found first: the smallest, then the best named */
    if (left->size != right->size)
        return left->size > right->size ? -1 : 1;
    if (left->rank != right->rank)
        return left->rank > right->rank ? -1 : 1;
    return -strcmp(left->name, right->name);
}

static void add_symbol(struct elf_symbols *symbols, const GElf_Sym *entry, guint64 address, const char *name)
{
    if (entry->st_size == 0 || entry->st_size > SYMBOL_SIZE_MAX || entry->st_shndx == SHN_UNDEF || !name[0] ||
        address > G_MAXUINT64 - entry->st_size)
        return;
    struct elf_symbol symbol = {address, entry->st_size, name, symbol_rank(entry, name)};
    switch (GELF_ST_TYPE(entry->st_info)) {
    case STT_FUNC:
    case STT_GNU_IFUNC:
        g_array_append_val(symbols->functions, symbol);
        symbols->function_size_max = MAX(symbols->function_size_max, symbol.size);
        break;
    case STT_OBJECT:
    case STT_COMMON:
        g_array_append_val(symbols->objects, symbol);
        symbols->object_size_max = MAX(symbols->object_size_max, symbol.size);
        break;
    default:
        break;
    }
}

struct elf_symbols *elf_symbols_new(Dwfl_Module *module)
{
    struct elf_symbols *symbols = g_new0(struct elf_symbols, 1);
    symbols->functions = g_array_new(FALSE, FALSE, sizeof(struct elf_symbol));
    symbols->objects = g_array_new(FALSE, FALSE, sizeof(struct elf_symbol));
    int count = module ? dwfl_module_getsymtab(module) : 0;
    for (int i = 0; i < count; i++) {
        GElf_Sym entry;
        GElf_Addr address = 0;
        const char *name = dwfl_module_getsym_info(module, i, &entry, &address, NULL, NULL, NULL);
        if (name)
            add_symbol(symbols, &entry, address, name);
    }
    g_array_sort(symbols->functions, compare_symbols);
    g_array_sort(symbols->objects, compare_symbols);
    return symbols;
}

void elf_symbols_free(struct elf_symbols *symbols)
{
    if (!symbols)
        return;
    g_array_unref(symbols->functions);
    g_array_unref(symbols->objects);
    g_free(symbols);
}

static const struct elf_symbol *find(const GArray *sorted, guint64 size_max, guint64 address)
{
    guint low = 0, high = sorted->len;
    while (low < high) { /* the first symbol that starts behind the address */
        guint middle = low + (high - low) / 2;
        if (g_array_index(sorted, struct elf_symbol, middle).start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    for (guint i = low; i > 0 && low - i < SCAN_MAX; i--) {
        const struct elf_symbol *symbol = &g_array_index(sorted, struct elf_symbol, i - 1);
        if (address - symbol->start < symbol->size)
            return symbol;
        if (address - symbol->start >= size_max)
            break;
    }
    return NULL;
}

const struct elf_symbol *elf_symbols_function(const struct elf_symbols *symbols, guint64 address)
{
    return find(symbols->functions, symbols->function_size_max, address);
}

const struct elf_symbol *elf_symbols_object(const struct elf_symbols *symbols, guint64 address)
{
    return find(symbols->objects, symbols->object_size_max, address);
}

char *elf_symbol_source_name(const struct elf_symbol *symbol)
{
    static const char *const clone_suffixes[] = {".isra.",     ".constprop.", ".part.", ".cold",
                                                 ".lto_priv.", ".localalias", ".llvm."};
    char *name = g_strdup(symbol->name); /* never empty */
    char *version = strchr(name + 1, '@');
    if (version)
        *version = '\0';
    for (guint i = 0; i < G_N_ELEMENTS(clone_suffixes); i++) {
        char *suffix = strstr(name + 1, clone_suffixes[i]);
        if (suffix)
            *suffix = '\0';
    }
    /* `lock.1`: a static variable inside of a function */
    char *number = strrchr(name + 1, '.');
    if (number && number[1] != '\0' && number[1 + strspn(number + 1, "0123456789")] == '\0')
        *number = '\0';
    return name;
}
