# The core: a static convenience library, so that tests link it too, and the program.
noinst_LTLIBRARIES += libclio-core.la
core_cppflags = $(AM_CPPFLAGS) -I$(srcdir)/core -I$(builddir) $(GLIB_CFLAGS) $(YAML_CFLAGS) \
  $(JSONC_CFLAGS) $(SQLITE_CFLAGS) $(ICU_CFLAGS) $(PCRE2_CFLAGS) $(ZLIB_CFLAGS) $(ZSTD_CFLAGS) \
  $(HS_CFLAGS) $(OPENBLAS_CFLAGS) -DCLIO_PKGLIBDIR='"$(pkglibdir)"' -DCLIO_PKGDATADIR='"$(pkgdatadir)"'
core_libs = $(GLIB_LIBS) $(YAML_LIBS) $(JSONC_LIBS) $(SQLITE_LIBS) $(ICU_LIBS) $(PCRE2_LIBS) \
  $(ZLIB_LIBS) $(ZSTD_LIBS) $(HS_LIBS) $(OPENBLAS_LIBS) -lstemmer -lpthread -ldl -lm
libclio_core_la_CPPFLAGS = $(core_cppflags)
libclio_core_la_LIBADD = $(core_libs)
libclio_core_la_SOURCES = \
  core/error.c core/error.h \
  core/json.c core/json.h
libclio_core_la_SOURCES += core/input.c core/input.h core/lines.c core/lines.h core/decode.c core/decode.h
libclio_core_la_SOURCES += core/text.c core/text_chars.c core/text.h
libclio_core_la_SOURCES += core/diag.c core/diag.h
libclio_core_la_SOURCES += core/doc.c core/doc.h core/doc_syntax.c core/doc_syntax.h
libclio_core_la_SOURCES += core/graph.c core/graph.h core/graph_parts.h core/graph_vars.c core/graph_privacy.c
libclio_core_la_SOURCES += core/gate.c core/gate.h core/gate_internal.h core/gate_count.c core/gate_text.c
libclio_core_la_SOURCES += core/gate_tree.c core/gate_facets.c core/gate_family.c core/gate_print.c
libclio_core_la_SOURCES += core/words.c core/words.h
libclio_core_la_SOURCES += core/object.c core/object.h core/param.c core/param.h core/plugin.c core/plugin.h
libclio_core_la_SOURCES += core/plugin_check.c core/plugin_check.h core/registry.c core/registry.h
libclio_core_la_SOURCES += core/scan.c core/scan_child.c core/scan.h
libclio_core_la_SOURCES += core/config.c core/config.h

bin_PROGRAMS += clio
clio_CPPFLAGS = $(core_cppflags)
clio_LDADD = libclio-core.la
clio_SOURCES = core/main.c
