# The SDK: the header for plugins, helpers, and the test harness.
include_HEADERS += sdk/clio.h sdk/clio_util.h

# the test bench, for tests of stages here and elsewhere
noinst_LTLIBRARIES += libclio-test.la
libclio_test_la_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS)
libclio_test_la_LIBADD = $(JSONC_LIBS) -lpthread -ldl
libclio_test_la_SOURCES = sdk/clio_test.h sdk/clio_test_priv.h sdk/clio_test.c \
  sdk/clio_test_asset.c sdk/clio_test_build.c sdk/clio_test_feed.c sdk/clio_test_host.c \
  sdk/clio_test_json.c sdk/clio_test_param.c \
  sdk/clio_test_plan.c sdk/clio_test_table.c sdk/clio_test_model.c sdk/clio_test_model.h

# the same as an archive for authors of plugins: cc test.c stage.c -lclio-test -ljson-c -lpthread
include_HEADERS += sdk/clio_test.h sdk/clio_test_model.h
lib_LIBRARIES = libclio-test.a
libclio_test_a_CPPFLAGS = $(libclio_test_la_CPPFLAGS)
libclio_test_a_SOURCES = $(libclio_test_la_SOURCES)

# pkg-config: `clio` names an installed SDK, or this build tree (CLIO_SDK=its folder)
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = clio.pc
EXTRA_DIST += sdk/clio.pc.in sdk/clio-uninstalled.pc.in

# the guide for authors, which messages of `clio conform` point to
sdkdocdir = $(docdir)/sdk
dist_sdkdoc_DATA = sdk/README.md

# what `clio new` writes
templatedir = $(pkgdatadir)/template
dist_template_DATA = sdk/template/check.in sdk/template/graph.in sdk/template/ignore.in \
  sdk/template/make.in sdk/template/plugin.in sdk/template/readme.in sdk/template/sample.jsonl
template_sourcedir = $(templatedir)/source
dist_template_source_DATA = sdk/template/source/stage.c.in sdk/template/source/test.c.in \
  sdk/template/source/graph.in sdk/template/source/sample.tsv
template_samplerdir = $(templatedir)/sampler
dist_template_sampler_DATA = sdk/template/sampler/stage.c.in sdk/template/sampler/test.c.in \
  sdk/template/sampler/graph.in
template_screenerdir = $(templatedir)/screener
dist_template_screener_DATA = sdk/template/screener/stage.c.in sdk/template/screener/test.c.in \
  sdk/template/screener/graph.in
template_summarizerdir = $(templatedir)/summarizer
dist_template_summarizer_DATA = sdk/template/summarizer/stage.c.in sdk/template/summarizer/test.c.in \
  sdk/template/summarizer/graph.in
template_extractordir = $(templatedir)/extractor
dist_template_extractor_DATA = sdk/template/extractor/stage.c.in sdk/template/extractor/test.c.in \
  sdk/template/extractor/graph.in
template_embedderdir = $(templatedir)/embedder
dist_template_embedder_DATA = sdk/template/embedder/stage.c.in sdk/template/embedder/test.c.in \
  sdk/template/embedder/graph.in
template_clustererdir = $(templatedir)/clusterer
dist_template_clusterer_DATA = sdk/template/clusterer/stage.c.in sdk/template/clusterer/test.c.in \
  sdk/template/clusterer/graph.in
template_hierarchizerdir = $(templatedir)/hierarchizer
dist_template_hierarchizer_DATA = sdk/template/hierarchizer/stage.c.in sdk/template/hierarchizer/test.c.in \
  sdk/template/hierarchizer/graph.in
template_namerdir = $(templatedir)/namer
dist_template_namer_DATA = sdk/template/namer/stage.c.in sdk/template/namer/test.c.in \
  sdk/template/namer/graph.in
template_aggregatordir = $(templatedir)/aggregator
dist_template_aggregator_DATA = sdk/template/aggregator/stage.c.in sdk/template/aggregator/test.c.in \
  sdk/template/aggregator/graph.in
template_auditordir = $(templatedir)/auditor
dist_template_auditor_DATA = sdk/template/auditor/stage.c.in sdk/template/auditor/test.c.in \
  sdk/template/auditor/graph.in
template_projectordir = $(templatedir)/projector
dist_template_projector_DATA = sdk/template/projector/stage.c.in sdk/template/projector/test.c.in \
  sdk/template/projector/graph.in
template_validatordir = $(templatedir)/validator
dist_template_validator_DATA = sdk/template/validator/stage.c.in sdk/template/validator/test.c.in \
  sdk/template/validator/graph.in
template_reportdir = $(templatedir)/report
dist_template_report_DATA = sdk/template/report/stage.c.in sdk/template/report/test.c.in \
  sdk/template/report/graph.in
template_modeldir = $(templatedir)/model
dist_template_model_DATA = sdk/template/model/stage.c.in sdk/template/model/test.c.in \
  sdk/template/model/graph.in

# make install-sdk: what a plugin's author needs, without clio and its stages
install-sdk: install-includeHEADERS install-libLIBRARIES install-pkgconfigDATA install-template
install-template: install-dist_templateDATA \
  install-dist_template_sourceDATA \
  install-dist_template_samplerDATA \
  install-dist_template_screenerDATA \
  install-dist_template_summarizerDATA \
  install-dist_template_extractorDATA \
  install-dist_template_embedderDATA \
  install-dist_template_clustererDATA \
  install-dist_template_hierarchizerDATA \
  install-dist_template_namerDATA \
  install-dist_template_aggregatorDATA \
  install-dist_template_auditorDATA \
  install-dist_template_projectorDATA \
  install-dist_template_validatorDATA \
  install-dist_template_reportDATA \
  install-dist_template_modelDATA
.PHONY: install-sdk install-template
