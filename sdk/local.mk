# The SDK: the header for plugins, helpers, and the test harness.
include_HEADERS += sdk/clio.h sdk/clio_util.h
