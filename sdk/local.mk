# The SDK: the header for plugins, helpers, and the test harness.
include_HEADERS += sdk/clio.h sdk/clio_util.h

# the test bench, for tests of stages here and elsewhere
noinst_LTLIBRARIES += libclio-test.la
libclio_test_la_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS)
libclio_test_la_LIBADD = $(JSONC_LIBS) -lpthread -ldl
libclio_test_la_SOURCES = sdk/clio_test.h sdk/clio_test_priv.h sdk/clio_test.c \
  sdk/clio_test_asset.c sdk/clio_test_build.c sdk/clio_test_host.c sdk/clio_test_json.c sdk/clio_test_param.c \
  sdk/clio_test_plan.c sdk/clio_test_table.c

# the same as an archive for authors of plugins: cc test.c stage.c -lclio-test -ljson-c -lpthread
include_HEADERS += sdk/clio_test.h
lib_LIBRARIES = libclio-test.a
libclio_test_a_CPPFLAGS = $(libclio_test_la_CPPFLAGS)
libclio_test_a_SOURCES = $(libclio_test_la_SOURCES)
