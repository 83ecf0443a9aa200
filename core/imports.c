/* imports.c - see imports.h. Sections are looked for by their type; nothing is believed of an
 * offset that was not compared with the file's size. */
#include "clio-build.h"

#include "imports.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>

typedef ElfW(Ehdr) elf_header;
typedef ElfW(Shdr) elf_section;
typedef ElfW(Sym) elf_symbol;

/* A file in memory, and its sections. */
typedef struct object {
  char *bytes;
  gsize size;
  elf_header head;
} object;

static bool object_read(const char *path, object *o) {
  *o = (object){0};
  if (!g_file_get_contents(path, &o->bytes, &o->size, NULL)) return false;
  if (o->size < sizeof o->head) return false;
  memcpy(&o->head, o->bytes, sizeof o->head);
  uint64_t table = (uint64_t)o->head.e_shnum * sizeof(elf_section);
  return o->head.e_shentsize == sizeof(elf_section) && o->head.e_shoff <= o->size &&
         table <= o->size - o->head.e_shoff;
}

static bool object_section(const object *o, unsigned number, elf_section *ret) {
  if (number >= o->head.e_shnum) return false;
  memcpy(ret, o->bytes + o->head.e_shoff + (size_t)number * sizeof *ret, sizeof *ret);
  if (ret->sh_type == SHT_NOBITS) return true;
  return ret->sh_offset <= o->size && ret->sh_size <= o->size - ret->sh_offset;
}

/* A name in a section of strings; "" where it is not inside. */
static const char *string_at(const object *o, const elf_section *strings, uint64_t at) {
  if (strings->sh_type != SHT_STRTAB || at >= strings->sh_size) return "";
  const char *s = o->bytes + strings->sh_offset + at;
  return memchr(s, '\0', strings->sh_size - at) ? s : "";
}

/* Calls fn for each symbol of the section of that type until it returns true. */
static bool each_symbol(const object *o, uint32_t type,
                        bool (*fn)(void *ctx, const elf_symbol *symbol, const char *name),
                        void *ctx) {
  elf_section table, strings;
  for (unsigned i = 0; i < o->head.e_shnum; i++) {
    if (!object_section(o, i, &table) || table.sh_type != type) continue;
    if (!object_section(o, table.sh_link, &strings)) continue;
    for (uint64_t k = 0; k + 1 <= table.sh_size / sizeof(elf_symbol); k++) {
      elf_symbol symbol;
      memcpy(&symbol, o->bytes + table.sh_offset + k * sizeof symbol, sizeof symbol);
      if (fn(ctx, &symbol, string_at(o, &strings, symbol.st_name))) return true;
    }
  }
  return false;
}

static bool keep_undefined(void *names, const elf_symbol *symbol, const char *name) {
  if (symbol->st_shndx == SHN_UNDEF && *name) g_ptr_array_add(names, g_strdup(name));
  return false;
}

GPtrArray *imports_of(const char *path) {
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  object o;
  if (object_read(path, &o)) each_symbol(&o, SHT_DYNSYM, keep_undefined, names);
  g_free(o.bytes);
  return names;
}

typedef struct wanted_variable {
  uint64_t address;
  char *name;
} wanted_variable;

static bool covers(void *ctx, const elf_symbol *symbol, const char *name) {
  wanted_variable *w = ctx;
  if ((symbol->st_info & 0xf) != STT_OBJECT || symbol->st_shndx == SHN_UNDEF) return false;
  if (w->address < symbol->st_value || w->address - symbol->st_value >= symbol->st_size)
    return false;
  w->name = g_strdup(name);
  return true;
}

char *imports_variable(const char *path, uint64_t address) {
  wanted_variable w = {.address = address};
  object o;
  if (object_read(path, &o) && !each_symbol(&o, SHT_SYMTAB, covers, &w))
    each_symbol(&o, SHT_DYNSYM, covers, &w);
  g_free(o.bytes);
  return w.name;
}

/* Compilers leave their name in the section of comments, or a section of their own. */
static const char *runtime_of(const object *o, const elf_section *section, const char *name) {
  if (g_str_has_prefix(name, ".go.") || strstr(name, ".note.go.")) return "Go";
  if (strcmp(name, ".comment") == 0 && section->sh_type != SHT_NOBITS &&
      memmem(o->bytes + section->sh_offset, section->sh_size, "rustc", 5))
    return "Rust";
  return NULL;
}

const char *imports_runtime(const char *path) {
  const char *runtime = NULL;
  object o;
  elf_section section, names;
  if (object_read(path, &o) && object_section(&o, o.head.e_shstrndx, &names))
    for (unsigned i = 0; i < o.head.e_shnum && !runtime; i++)
      if (object_section(&o, i, &section))
        runtime = runtime_of(&o, &section, string_at(&o, &names, section.sh_name));
  g_free(o.bytes);
  return runtime;
}
