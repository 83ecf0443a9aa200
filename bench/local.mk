# Measurements, never tests: make bench/kmeans, then run it. See bench/README.md.
EXTRA_PROGRAMS += bench/kmeans
bench_kmeans_SOURCES = bench/kmeans.c bench/plain_host.c bench/plain_host.h
bench_kmeans_CPPFLAGS = $(plugin_cppflags)
bench_kmeans_LDADD = plugins/lib/libnumeric.la -lpthread -lm
EXTRA_DIST += bench/README.md
