# Measurements, never tests: make bench/kmeans, then run it. See bench/README.md.
EXTRA_PROGRAMS += bench/kmeans
bench_kmeans_SOURCES = bench/kmeans.c bench/plain_host.c bench/plain_host.h
bench_kmeans_CPPFLAGS = $(plugin_cppflags)
bench_kmeans_LDADD = plugins/lib/libnumeric.la -lpthread -lm
EXTRA_PROGRAMS += bench/embed
bench_embed_SOURCES = bench/embed.c bench/plain_host.c $(use_stages) plugins/embedder/lsa.c \
  $(text_stage_sources)
bench_embed_CPPFLAGS = $(text_stage_cppflags) -I$(srcdir)/plugins/embedder/use -I$(srcdir)/bench
bench_embed_LDADD = plugins/embedder/use/libuse.la $(text_stage_ldadd) -lm
EXTRA_PROGRAMS += bench/use
bench_use_SOURCES = bench/use.c bench/plain_host.c
bench_use_CPPFLAGS = $(plugin_cppflags) -I$(srcdir)/plugins/embedder/use $(OPENBLAS_CFLAGS)
bench_use_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=cblas_sgemm
bench_use_LDADD = plugins/embedder/use/libuse.la $(OPENBLAS_LIBS) -lpthread -lm
EXTRA_DIST += bench/README.md bench/use-parity.sh bench/use-reference.mjs bench/use-sentences.txt
EXTRA_PROGRAMS += bench/repeats
bench_repeats_SOURCES = bench/repeats.c
bench_repeats_CPPFLAGS = $(core_cppflags)
bench_repeats_LDADD = libclio-core.la
EXTRA_DIST += bench/stages.sh
EXTRA_DIST += bench/README.md
EXTRA_PROGRAMS += bench/http
bench_http_SOURCES = bench/http.c bench/delay_server.c bench/delay_server.h
bench_http_CPPFLAGS = $(core_cppflags)
bench_http_LDADD = libclio-core.la
