/* object.c - an ELF file's headers against its size and this machine; see object.h. */
#include "clio-build.h"

#include "object.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef ElfW(Ehdr) elf_header;
typedef ElfW(Phdr) elf_segment;
typedef ElfW(Shdr) elf_section;

/* This program's own header; all zero where it cannot be read. */
static elf_header own_header(void) {
  elf_header own = {0};
  int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return own;
  if (read(fd, &own, sizeof own) != (ssize_t)sizeof own) memset(&own, 0, sizeof own);
  close(fd);
  return own;
}

static const char *machine_name(unsigned machine, char *buffer, size_t size) {
  static const struct {
    unsigned machine;
    const char *name;
  } known[] = {{EM_X86_64, "x86-64"}, {EM_AARCH64, "aarch64"},    {EM_386, "i386"},
               {EM_ARM, "arm"},       {EM_RISCV, "risc-v"},       {EM_PPC64, "ppc64"},
               {EM_S390, "s390"},     {EM_LOONGARCH, "loongarch"}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (known[i].machine == machine) return known[i].name;
  snprintf(buffer, size, "machine %u", machine);
  return buffer;
}

/* Nothing but what an editor would show, in the first bytes. */
static bool looks_like_text(const unsigned char *bytes, size_t size) {
  for (size_t i = 0; i < size && i < 512; i++)
    if (bytes[i] < 0x20 && (!bytes[i] || !strchr("\t\n\r\f\033", bytes[i]))) return false;
  return true;
}

static bool past_end(uint64_t offset, uint64_t length, size_t size) {
  return offset > size || length > size - offset;
}

static clio_status truncated(size_t size, error *e) {
  return error_set(e, CLIO_E_UNSUPPORTED,
                   "is cut short: its headers name parts past its end at byte %zu; build or copy "
                   "it again",
                   size);
}

/* Every segment and section that takes room in the file lies inside it. */
static clio_status check_extents(const unsigned char *bytes, const elf_header *h, size_t size,
                                 error *e) {
  uint64_t segments = (uint64_t)h->e_phnum * sizeof(elf_segment);
  uint64_t sections = (uint64_t)h->e_shnum * sizeof(elf_section);
  if (past_end(h->e_phoff, segments, size)) return truncated(size, e);
  if (h->e_shnum && past_end(h->e_shoff, sections, size)) return truncated(size, e);
  for (unsigned i = 0; i < h->e_phnum; i++) {
    elf_segment segment;
    memcpy(&segment, bytes + h->e_phoff + i * sizeof segment, sizeof segment);
    if (past_end(segment.p_offset, segment.p_filesz, size)) return truncated(size, e);
  }
  for (unsigned i = 0; i < h->e_shnum; i++) {
    elf_section section;
    memcpy(&section, bytes + h->e_shoff + i * sizeof section, sizeof section);
    if (section.sh_type == SHT_NOBITS || section.sh_type == SHT_NULL) continue;
    if (past_end(section.sh_offset, section.sh_size, size)) return truncated(size, e);
  }
  return CLIO_OK;
}

static clio_status check_magic(const unsigned char *bytes, size_t size, error *e) {
  if (size == 0) return error_set(e, CLIO_E_UNSUPPORTED, "is empty; build or copy it again");
  if (size >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0) return CLIO_OK;
  if (looks_like_text(bytes, size))
    return error_set(e, CLIO_E_UNSUPPORTED,
                     "is a text file, not a shared object; libtool puts the object itself into "
                     ".libs/");
  return error_set(e, CLIO_E_UNSUPPORTED, "is not an ELF shared object; build it with -shared");
}

clio_status object_check(const unsigned char *bytes, size_t size, error *e) {
  elf_header own = own_header(), h;
  char a[32], b[32];
  clio_status status = check_magic(bytes, size, e);
  if (status != CLIO_OK) return status;
  if (size < sizeof h) return truncated(size, e);
  memcpy(&h, bytes, sizeof h);
  int native = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
  if (h.e_ident[EI_CLASS] != native)
    return error_set(e, CLIO_E_UNSUPPORTED, "is a %s-bit object, this clio is %zu-bit; rebuild it",
                     native == ELFCLASS64 ? "32" : "64", sizeof(void *) * 8);
  bool known = own.e_ident[EI_MAG0] == ELFMAG0;
  if (known && (h.e_ident[EI_DATA] != own.e_ident[EI_DATA] || h.e_machine != own.e_machine))
    return error_set(e, CLIO_E_UNSUPPORTED, "is built for %s, this clio runs on %s; rebuild it",
                     machine_name(h.e_machine, a, sizeof a),
                     machine_name(own.e_machine, b, sizeof b));
  if (h.e_type != ET_DYN)
    return error_set(e, CLIO_E_UNSUPPORTED,
                     "is an ELF file but not a shared object; build it with -shared");
  bool sized = (!h.e_phnum || h.e_phentsize == sizeof(elf_segment)) &&
               (!h.e_shnum || h.e_shentsize == sizeof(elf_section));
  if (!sized || !h.e_phnum)
    return error_set(e, CLIO_E_UNSUPPORTED, "has a damaged ELF header; build or copy it again");
  return check_extents(bytes, &h, size, e);
}
