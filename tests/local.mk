# Tests: CUnit programs for units, scripts that run the built clio.
AM_TESTS_ENVIRONMENT = \
  CLIO=$(abs_builddir)/clio; export CLIO; \
  CLIO_SRC=$(abs_srcdir); export CLIO_SRC; \
  CLIO_BUILD=$(abs_builddir); export CLIO_BUILD; \
  CLIO_PLUGIN_PATH=$(abs_builddir)/plugins; export CLIO_PLUGIN_PATH; \
  CLIO_DATA_PATH=$(abs_srcdir)/configs; export CLIO_DATA_PATH;

# unit: one program per core file
unit_cppflags = $(core_cppflags) $(CUNIT_CFLAGS)
unit_ldadd = libclio-core.la $(CUNIT_LIBS)
unit_programs =
if HAVE_CUNIT
check_PROGRAMS += $(unit_programs)
TESTS += $(unit_programs)
endif

unit_programs += tests/unit/json_test
tests_unit_json_test_CPPFLAGS = $(unit_cppflags)
tests_unit_json_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/text_test
tests_unit_text_test_CPPFLAGS = $(unit_cppflags)
tests_unit_text_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/input_test
tests_unit_input_test_CPPFLAGS = $(unit_cppflags)
tests_unit_input_test_LDADD = $(unit_ldadd)

# stage: bundled stages through the SDK harness

# abi: loading, hostile plugins

# graph: a graph in, the exact error out

# e2e: the built clio

# oracle: the release gate under attack
