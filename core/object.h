/* object.h - looks at a shared object before it is loaded, so that a text file, a
 * file cut short or one for another machine is refused in plain words and not
 * by a crash of the dynamic linker. */
#ifndef CLIO_CORE_OBJECT_H
#define CLIO_CORE_OBJECT_H
#include <stddef.h>

#include "error.h"

/* `bytes`: the whole file. CLIO_E_UNSUPPORTED, with `e` set, unless it is a
 * whole ELF shared object for the machine this program runs on. */
clio_status object_check(const unsigned char *bytes, size_t size, error *e);
#endif
