# Tests: CUnit programs for units, scripts that run the built clio. Programs in TESTS are EXTRA_PROGRAMS, so
# that `make check TESTS=tests/unit/x` builds that one alone.
AM_TESTS_ENVIRONMENT = \
  CC='$(CC) $(SANITIZE_CFLAGS)'; export CC; CXX='$(CXX) $(SANITIZE_CFLAGS)'; export CXX; \
  CLIO_SANITIZED='$(SANITIZE_CFLAGS)'; export CLIO_SANITIZED; \
  CLIO=$(abs_builddir)/clio; export CLIO; CLIO_SCANNER=$(abs_builddir)/clio; export CLIO_SCANNER; \
  CLIO_SRC=$(abs_srcdir); export CLIO_SRC; \
  CLIO_BUILD=$(abs_builddir); export CLIO_BUILD; \
  CLIO_PLUGIN_PATH=$(abs_builddir)/plugins; export CLIO_PLUGIN_PATH; \
  CLIO_DATA_PATH=$(abs_srcdir)/configs; export CLIO_DATA_PATH;

dist_noinst_SCRIPTS = tests/style.sh

# unit: one program per core file
unit_cppflags = $(core_cppflags) $(CUNIT_CFLAGS)
unit_ldadd = libclio-core.la $(CUNIT_LIBS)
unit_programs =
if HAVE_CUNIT
EXTRA_PROGRAMS += $(unit_programs)
TESTS += $(unit_programs)
endif

unit_programs += tests/unit/json_test
tests_unit_json_test_CPPFLAGS = $(unit_cppflags)
tests_unit_json_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/diag_test
tests_unit_diag_test_SOURCES = tests/unit/diag_test.c tests/unit/unit.h
tests_unit_diag_test_CPPFLAGS = $(unit_cppflags)
tests_unit_diag_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/graph_test
tests_unit_graph_test_SOURCES = tests/unit/graph_test.c tests/unit/unit.h
tests_unit_graph_test_CPPFLAGS = $(unit_cppflags)
tests_unit_graph_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/config_test
tests_unit_config_test_SOURCES = tests/unit/config_test.c tests/unit/unit.h
tests_unit_config_test_CPPFLAGS = $(unit_cppflags)
tests_unit_config_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/layout_test
tests_unit_layout_test_SOURCES = tests/unit/layout_test.c tests/unit/unit.h
tests_unit_layout_test_CPPFLAGS = $(unit_cppflags)
tests_unit_layout_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/text_test
tests_unit_text_test_CPPFLAGS = $(unit_cppflags)
tests_unit_text_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/name_templates_test
tests_unit_name_templates_test_CPPFLAGS = $(unit_cppflags)
tests_unit_name_templates_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/pii_test
tests_unit_pii_test_CPPFLAGS = $(unit_cppflags)
tests_unit_pii_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/input_test
tests_unit_input_test_SOURCES = tests/unit/input_test.c tests/unit/unit.h
tests_unit_input_test_CPPFLAGS = $(unit_cppflags)
tests_unit_input_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/archive_test
tests_unit_archive_test_SOURCES = tests/unit/archive_test.c tests/unit/unit.h
tests_unit_archive_test_CPPFLAGS = $(unit_cppflags)
tests_unit_archive_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/gate_test tests/unit/gate_facets_test tests/unit/gate_family_test
tests_unit_gate_test_SOURCES = tests/unit/gate_test.c tests/unit/gate_fixture.c \
  tests/unit/gate_fixture.h
tests_unit_gate_test_CPPFLAGS = $(unit_cppflags)
tests_unit_gate_test_LDADD = $(unit_ldadd)
tests_unit_gate_facets_test_SOURCES = tests/unit/gate_facets_test.c tests/unit/gate_fixture.c
tests_unit_gate_facets_test_CPPFLAGS = $(unit_cppflags)
tests_unit_gate_facets_test_LDADD = $(unit_ldadd)
tests_unit_gate_family_test_CPPFLAGS = $(unit_cppflags)
tests_unit_gate_family_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/words_test
tests_unit_words_test_CPPFLAGS = $(unit_cppflags)
tests_unit_words_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/asset_test
tests_unit_asset_test_SOURCES = tests/unit/asset_test.c tests/unit/unit.h
tests_unit_asset_test_CPPFLAGS = $(unit_cppflags)
tests_unit_asset_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/llm_schema_test
tests_unit_llm_schema_test_SOURCES = tests/unit/llm_schema_test.c tests/unit/unit.h
tests_unit_llm_schema_test_CPPFLAGS = $(unit_cppflags)
tests_unit_llm_schema_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/rng_test
tests_unit_rng_test_SOURCES = tests/unit/rng_test.c tests/unit/unit.h
tests_unit_rng_test_CPPFLAGS = $(unit_cppflags)
tests_unit_rng_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/table_test
tests_unit_table_test_SOURCES = tests/unit/table_test.c tests/unit/unit.h
tests_unit_table_test_CPPFLAGS = $(unit_cppflags)
tests_unit_table_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/batch_test
tests_unit_batch_test_SOURCES = tests/unit/batch_test.c tests/unit/unit.h
tests_unit_batch_test_CPPFLAGS = $(unit_cppflags)
tests_unit_batch_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/pool_test
tests_unit_pool_test_SOURCES = tests/unit/pool_test.c tests/unit/unit.h
tests_unit_pool_test_CPPFLAGS = $(unit_cppflags)
tests_unit_pool_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/roll_test
tests_unit_roll_test_SOURCES = tests/unit/roll_test.c tests/unit/unit.h
tests_unit_roll_test_CPPFLAGS = $(unit_cppflags)
tests_unit_roll_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/sha256_test tests/unit/cache_key_test
tests_unit_sha256_test_CPPFLAGS = $(unit_cppflags)
tests_unit_sha256_test_LDADD = $(unit_ldadd)
tests_unit_cache_key_test_CPPFLAGS = $(unit_cppflags)
tests_unit_cache_key_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/store_test
tests_unit_store_test_SOURCES = tests/unit/store_test.c tests/unit/unit.h
tests_unit_store_test_CPPFLAGS = $(unit_cppflags)
tests_unit_store_test_LDADD = $(unit_ldadd)

unit_programs += tests/unit/agreement_test
tests_unit_agreement_test_SOURCES = tests/unit/agreement_test.c tests/unit/unit.h \
  plugins/validator/agreement.c plugins/validator/agreement.h
tests_unit_agreement_test_CPPFLAGS = $(unit_cppflags) -I$(srcdir)/plugins/validator
tests_unit_agreement_test_LDADD = $(unit_ldadd) -lm
unit_programs += tests/unit/ledger_test tests/unit/prices_test
tests_unit_prices_test_SOURCES = tests/unit/prices_test.c tests/unit/unit.h
tests_unit_prices_test_CPPFLAGS = $(unit_cppflags)
tests_unit_prices_test_LDADD = $(unit_ldadd)
unit_programs += tests/unit/plan_test
tests_unit_plan_test_SOURCES = tests/unit/plan_test.c tests/unit/unit.h
tests_unit_plan_test_CPPFLAGS = $(unit_cppflags)
tests_unit_plan_test_LDADD = $(unit_ldadd)
unit_programs += tests/unit/estimate_test
tests_unit_estimate_test_SOURCES = tests/unit/estimate_test.c tests/unit/unit.h
tests_unit_estimate_test_CPPFLAGS = $(unit_cppflags)
tests_unit_estimate_test_LDADD = $(unit_ldadd)
unit_programs += tests/unit/ledger_crash_test
tests_unit_ledger_crash_test_SOURCES = tests/unit/ledger_crash_test.c tests/unit/ledger_fixture.h tests/unit/unit.h
tests_unit_ledger_crash_test_CPPFLAGS = $(unit_cppflags)
tests_unit_ledger_crash_test_LDADD = $(unit_ldadd)
tests_unit_ledger_test_SOURCES = tests/unit/ledger_test.c tests/unit/ledger_fixture.h tests/unit/unit.h
tests_unit_ledger_test_CPPFLAGS = $(unit_cppflags)
tests_unit_ledger_test_LDADD = $(unit_ldadd)
# http and lane against a server inside the test
wire_sources = tests/unit/wire.c tests/unit/wire.h tests/server/raw.c tests/server/raw.h
unit_programs += tests/unit/lane_limits_test tests/unit/lane_test
tests_unit_lane_limits_test_SOURCES = tests/unit/lane_limits_test.c tests/unit/unit.h
tests_unit_lane_limits_test_CPPFLAGS = $(unit_cppflags)
tests_unit_lane_limits_test_LDADD = $(unit_ldadd)
tests_unit_lane_test_SOURCES = tests/unit/lane_test.c tests/unit/unit.h $(wire_sources)
tests_unit_lane_test_CPPFLAGS = $(unit_cppflags)
tests_unit_lane_test_LDADD = $(unit_ldadd)
ask_sources = tests/unit/ask.c tests/unit/ask.h tests/unit/unit.h $(wire_sources)
unit_programs += tests/unit/http_test tests/unit/http_tls_test
tests_unit_http_test_SOURCES = tests/unit/http_test.c $(ask_sources)
tests_unit_http_test_CPPFLAGS = $(unit_cppflags)
tests_unit_http_test_LDADD = $(unit_ldadd)
tests_unit_http_tls_test_SOURCES = tests/unit/http_tls_test.c $(ask_sources)
tests_unit_http_tls_test_CPPFLAGS = $(unit_cppflags)
tests_unit_http_tls_test_LDADD = $(unit_ldadd)

# server: the fault server that tests of models talk to; only where libmicrohttpd is
if HAVE_MHD
fault_server = tests/server/fault_server
check_PROGRAMS += $(fault_server)
tests_server_fault_server_SOURCES = tests/server/main.c tests/server/server.h tests/server/answer.c \
  tests/server/faults.c tests/server/tally.c tests/server/raw.c tests/server/raw.h
tests_server_fault_server_CPPFLAGS = $(core_cppflags) $(MHD_CFLAGS)
tests_server_fault_server_LDADD = libclio-core.la $(MHD_LIBS)
endif
EXTRA_PROGRAMS += tests/server/matrix
TESTS += tests/server/matrix
tests_server_matrix_SOURCES = tests/server/matrix.c
tests_server_matrix_CPPFLAGS = $(core_cppflags)
tests_server_matrix_LDADD = libclio-core.la
EXTRA_tests_server_matrix_DEPENDENCIES = $(fault_server)
EXTRA_DIST += tests/server/README.md

# stage: bundled stages through the SDK's bench. A plugin's source is compiled into its test:
#   EXTRA_PROGRAMS += tests/stage/test_lsa      TESTS += tests/stage/test_lsa
#   tests_stage_test_lsa_SOURCES = tests/stage/test_lsa.c plugins/embedder/lsa.c
#   tests_stage_test_lsa_CPPFLAGS = $(stage_test_cppflags) $(OPENBLAS_CFLAGS)
#   tests_stage_test_lsa_LDADD = libclio-test.la $(OPENBLAS_LIBS)
stage_test_cppflags = $(plugin_cppflags) -I$(srcdir)/tests/stage -DCLIO_STATIC

EXTRA_PROGRAMS += tests/stage/test_sample
TESTS += tests/stage/test_sample
tests_stage_test_sample_SOURCES = tests/stage/test_sample.c tests/stage/sample.c tests/stage/check.h
tests_stage_test_sample_CPPFLAGS = $(stage_test_cppflags)
tests_stage_test_sample_LDADD = libclio-test.la

EXTRA_PROGRAMS += tests/stage/test_jsonin
TESTS += tests/stage/test_jsonin
tests_stage_test_jsonin_SOURCES = tests/stage/test_jsonin.c
tests_stage_test_jsonin_CPPFLAGS = $(stage_test_cppflags) $(JSONC_CFLAGS)
tests_stage_test_jsonin_LDADD = plugins/lib/libjsonin.la $(JSONC_LIBS)

EXTRA_PROGRAMS += tests/stage/test_jsonl
TESTS += tests/stage/test_jsonl
tests_stage_test_jsonl_SOURCES = tests/stage/test_jsonl.c plugins/source/jsonl.c \
  plugins/source/jsonl_line.c plugins/source/jsonl_content.c
tests_stage_test_jsonl_CPPFLAGS = $(stage_test_cppflags) $(JSONC_CFLAGS)
tests_stage_test_jsonl_LDADD = libclio-test.la plugins/lib/libconv.la $(JSONC_LIBS)

EXTRA_PROGRAMS += tests/stage/test_exports
TESTS += tests/stage/test_exports
tests_stage_test_exports_SOURCES = tests/stage/test_exports.c plugins/source/chatgpt_export.c \
  plugins/source/chatgpt_message.c plugins/source/claude_export.c
tests_stage_test_exports_CPPFLAGS = $(stage_test_cppflags) $(JSONC_CFLAGS)
tests_stage_test_exports_LDADD = libclio-test.la plugins/lib/libconv.la $(JSONC_LIBS)

EXTRA_PROGRAMS += tests/stage/test_synthetic
TESTS += tests/stage/test_synthetic
tests_stage_test_synthetic_SOURCES = tests/stage/test_synthetic.c plugins/source/synthetic.c \
  plugins/source/synthetic_plot.c plugins/source/synthetic_talk.c \
  plugins/source/synthetic_words.c plugins/source/synthetic_write.c
tests_stage_test_synthetic_CPPFLAGS = $(stage_test_cppflags)
tests_stage_test_synthetic_LDADD = libclio-test.la

EXTRA_PROGRAMS += tests/stage/test_synthetic_text
TESTS += tests/stage/test_synthetic_text
tests_stage_test_synthetic_text_SOURCES = tests/stage/test_synthetic_text.c plugins/source/synthetic.c \
  plugins/source/synthetic_plot.c plugins/source/synthetic_talk.c \
  plugins/source/synthetic_words.c plugins/source/synthetic_write.c \
  plugins/extractor/language.c plugins/extractor/language_text.c plugins/lib/cld2_shim.cc
tests_stage_test_synthetic_text_CPPFLAGS = $(tests_stage_test_language_CPPFLAGS)
tests_stage_test_synthetic_text_LDADD = libclio-test.la $(CLD2_LIBS) $(ICU_LIBS)

EXTRA_PROGRAMS += tests/stage/test_random
TESTS += tests/stage/test_random
tests_stage_test_random_SOURCES = tests/stage/test_random.c plugins/sampler/random.c \
  plugins/sampler/repeats.c
tests_stage_test_random_CPPFLAGS = $(stage_test_cppflags) -I$(srcdir)/plugins/sampler
tests_stage_test_random_LDADD = libclio-test.la

EXTRA_PROGRAMS += tests/stage/test_basic
TESTS += tests/stage/test_basic
tests_stage_test_basic_SOURCES = tests/stage/test_basic.c plugins/extractor/basic.c
tests_stage_test_basic_CPPFLAGS = $(stage_test_cppflags)
tests_stage_test_basic_LDADD = libclio-test.la

if HAVE_CLD2
EXTRA_PROGRAMS += tests/stage/test_language
TESTS += tests/stage/test_language
tests_stage_test_language_SOURCES = tests/stage/test_language.c plugins/extractor/language.c \
  plugins/extractor/language_text.c plugins/lib/cld2_shim.cc
tests_stage_test_language_CPPFLAGS = $(stage_test_cppflags) $(ICU_CFLAGS) \
  -I$(srcdir)/plugins/extractor
tests_stage_test_language_LDADD = libclio-test.la $(CLD2_LIBS) $(ICU_LIBS)
endif

EXTRA_PROGRAMS += tests/stage/test_kmeans
TESTS += tests/stage/test_kmeans
tests_stage_test_kmeans_SOURCES = tests/stage/test_kmeans.c tests/stage/numeric_rows.h \
  plugins/clusterer/kmeans.c plugins/clusterer/kmeans_fit.c
tests_stage_test_kmeans_CPPFLAGS = $(stage_test_cppflags)
tests_stage_test_kmeans_LDADD = libclio-test.la plugins/lib/libnumeric.la

EXTRA_PROGRAMS += tests/stage/test_ward
TESTS += tests/stage/test_ward
tests_stage_test_ward_SOURCES = tests/stage/test_ward.c tests/stage/numeric_rows.h \
  $(hierarchizer_ward)
tests_stage_test_ward_CPPFLAGS = $(stage_test_cppflags)
tests_stage_test_ward_LDADD = libclio-test.la plugins/lib/libnumeric.la

EXTRA_PROGRAMS += tests/stage/test_lsa
TESTS += tests/stage/test_lsa
tests_stage_test_lsa_SOURCES = tests/stage/test_lsa.c tests/stage/numeric_rows.h \
  plugins/embedder/lsa.c
tests_stage_test_lsa_CPPFLAGS = $(stage_test_cppflags) $(LAPACKE_CFLAGS)
tests_stage_test_lsa_LDADD = libclio-test.la plugins/lib/libnumeric.la

# Stages that use clio.text/1 get the core's own.
text_stage_cppflags = $(core_cppflags) -I$(srcdir)/tests/stage -I$(srcdir)/plugins/lib -DCLIO_STATIC
text_stage_sources = core/conform_text.c core/conform.h tests/stage/text_service.c tests/stage/text_service.h tests/stage/check.h
text_stage_ldadd = libclio-test.la libclio-core.la

EXTRA_PROGRAMS += tests/stage/test_report tests/stage/test_threshold tests/stage/test_keyphrase
TESTS += tests/stage/test_report tests/stage/test_threshold tests/stage/test_keyphrase
tests_stage_test_report_SOURCES = tests/stage/test_report.c plugins/report/json.c plugins/report/csv.c
tests_stage_test_report_CPPFLAGS = $(stage_test_cppflags) $(JSONC_CFLAGS)
tests_stage_test_report_LDADD = libclio-test.la plugins/lib/libreleased.la $(JSONC_LIBS) -lm
tests_stage_test_threshold_SOURCES = tests/stage/test_threshold.c \
  $(plugins_aggregator_threshold_la_SOURCES)
tests_stage_test_threshold_CPPFLAGS = $(stage_test_cppflags) \
  -I$(srcdir)/plugins/aggregator/threshold
tests_stage_test_threshold_LDADD = libclio-test.la plugins/lib/libphrases.la -lm
tests_stage_test_keyphrase_SOURCES = tests/stage/test_keyphrase.c \
  $(plugins_namer_keyphrase_la_SOURCES) $(text_stage_sources)
tests_stage_test_keyphrase_CPPFLAGS = $(text_stage_cppflags)
tests_stage_test_keyphrase_LDADD = plugins/lib/libphrases.la $(text_stage_ldadd) -lm

# stages that ask a model, with models that misbehave
llm_stage_sources = tests/stage/adversary.c tests/stage/adversary.h tests/stage/check.h
llm_stage_ldadd = plugins/lib/libnaming.la $(text_stage_ldadd) $(JSONC_LIBS) -lm
llm_stage_programs = tests/stage/test_hierarchy_llm tests/stage/test_namer_llm \
  tests/stage/test_auditor_llm tests/stage/test_screener_llm
EXTRA_PROGRAMS += $(llm_stage_programs)
TESTS += $(llm_stage_programs)
tests_stage_test_hierarchy_llm_SOURCES = tests/stage/test_hierarchy_llm.c \
  tests/stage/numeric_rows.h $(hierarchizer_llm) $(llm_stage_sources) $(text_stage_sources)
tests_stage_test_hierarchy_llm_CPPFLAGS = $(text_stage_cppflags) $(JSONC_CFLAGS) \
  -I$(srcdir)/plugins/hierarchizer/llm
tests_stage_test_hierarchy_llm_LDADD = $(llm_stage_ldadd)
tests_stage_test_namer_llm_SOURCES = tests/stage/test_namer_llm.c tests/stage/tiny_host.c \
  tests/stage/numeric_rows.h \
  $(namer_llm) $(llm_stage_sources) $(text_stage_sources)
tests_stage_test_namer_llm_CPPFLAGS = $(text_stage_cppflags) $(JSONC_CFLAGS)
tests_stage_test_namer_llm_LDADD = $(llm_stage_ldadd)
tests_stage_test_auditor_llm_SOURCES = tests/stage/test_auditor_llm.c plugins/auditor/llm.c \
  $(llm_stage_sources)
tests_stage_test_auditor_llm_CPPFLAGS = $(text_stage_cppflags) $(JSONC_CFLAGS)
tests_stage_test_auditor_llm_LDADD = $(llm_stage_ldadd)
tests_stage_test_screener_llm_SOURCES = tests/stage/test_screener_llm.c plugins/screener/llm.c \
  $(llm_stage_sources)
tests_stage_test_screener_llm_CPPFLAGS = $(text_stage_cppflags) $(JSONC_CFLAGS)
tests_stage_test_screener_llm_LDADD = $(llm_stage_ldadd)

EXTRA_PROGRAMS += tests/stage/test_use
TESTS += tests/stage/test_use
tests_stage_test_use_SOURCES = tests/stage/test_use.c $(use_stages) $(text_stage_sources)
tests_stage_test_use_CPPFLAGS = $(text_stage_cppflags) -I$(srcdir)/plugins/embedder/use
tests_stage_test_use_LDADD = plugins/embedder/use/libuse.la $(text_stage_ldadd)
EXTRA_DIST += tests/stage/use-parity.tsv

EXTRA_PROGRAMS += tests/stage/test_embed_model
TESTS += tests/stage/test_embed_model
tests_stage_test_embed_model_SOURCES = tests/stage/test_embed_model.c plugins/embedder/model.c \
  plugins/embedder/use/plugin.c $(use_stages)
tests_stage_test_embed_model_CPPFLAGS = $(stage_test_cppflags) -I$(srcdir)/plugins/embedder/use
tests_stage_test_embed_model_LDADD = plugins/embedder/use/libuse.la libclio-test.la -lm

EXTRA_PROGRAMS += tests/stage/test_rules
TESTS += tests/stage/test_rules
tests_stage_test_rules_SOURCES = tests/stage/test_rules.c plugins/auditor/rules.c $(text_stage_sources)
tests_stage_test_rules_CPPFLAGS = $(text_stage_cppflags)
tests_stage_test_rules_LDADD = $(text_stage_ldadd)

EXTRA_PROGRAMS += tests/stage/test_sentence tests/stage/test_extractive
TESTS += tests/stage/test_sentence tests/stage/test_extractive
tests_stage_test_sentence_SOURCES = tests/stage/test_sentence.c
tests_stage_test_sentence_CPPFLAGS = $(stage_test_cppflags)
tests_stage_test_sentence_LDADD = plugins/lib/libforms.la
tests_stage_test_extractive_SOURCES = tests/stage/test_extractive.c \
  plugins/summarizer/extractive.c plugins/summarizer/candidates.c $(text_stage_sources)
tests_stage_test_extractive_CPPFLAGS = $(text_stage_cppflags) -I$(srcdir)/plugins/summarizer
tests_stage_test_extractive_LDADD = plugins/lib/libforms.la $(text_stage_ldadd)

EXTRA_PROGRAMS += tests/stage/test_match tests/stage/test_hostile
TESTS += tests/stage/test_match tests/stage/test_hostile
tests_stage_test_match_SOURCES = tests/stage/test_match.c plugins/screener/match.c \
  plugins/screener/patterns.c $(text_stage_sources)
tests_stage_test_match_CPPFLAGS = $(text_stage_cppflags) -I$(srcdir)/plugins/screener
tests_stage_test_match_LDADD = $(text_stage_ldadd) $(PCRE2_LIBS)
tests_stage_test_hostile_SOURCES = tests/stage/test_hostile.c plugins/source/jsonl_line.c \
  plugins/source/jsonl_content.c
tests_stage_test_hostile_CPPFLAGS = $(stage_test_cppflags) -I$(srcdir)/plugins/source $(JSONC_CFLAGS)
tests_stage_test_hostile_LDADD = plugins/lib/libconv.la $(JSONC_LIBS)

EXTRA_PROGRAMS += tests/stage/test_refusal
TESTS += tests/stage/test_refusal
tests_stage_test_refusal_SOURCES = tests/stage/test_refusal.c plugins/extractor/refusal.c \
  $(text_stage_sources)
tests_stage_test_refusal_CPPFLAGS = $(text_stage_cppflags)
tests_stage_test_refusal_LDADD = plugins/lib/libforms.la $(text_stage_ldadd)

EXTRA_PROGRAMS += tests/stage/test_facets
TESTS += tests/stage/test_facets
tests_stage_test_facets_SOURCES = tests/stage/test_facets.c $(facet_stages) $(text_stage_sources)
tests_stage_test_facets_CPPFLAGS = $(text_stage_cppflags) -I$(srcdir)/plugins/extractor/llm
tests_stage_test_facets_LDADD = plugins/lib/libprompt.la plugins/lib/libforms.la \
  $(text_stage_ldadd) $(JSONC_LIBS) $(ICU_LIBS) -lm

# what stages put into prompts, without a host
EXTRA_PROGRAMS += tests/stage/test_prompt
TESTS += tests/stage/test_prompt
tests_stage_test_prompt_SOURCES = tests/stage/test_prompt.c tests/stage/tiny_host.c \
  tests/stage/tiny_host.h
tests_stage_test_prompt_CPPFLAGS = $(stage_test_cppflags) $(JSONC_CFLAGS)
tests_stage_test_prompt_LDADD = plugins/lib/libprompt.la $(JSONC_LIBS) -lm

# model: model plugins through the SDK's bench
model_test_cppflags = $(stage_test_cppflags) -I$(srcdir)/plugins/model $(JSONC_CFLAGS)
model_test_ldadd = libclio-test.la plugins/lib/libwire.la $(JSONC_LIBS) -lm
model_programs = tests/model/test_openai tests/model/test_anthropic tests/model/test_ollama \
  tests/model/test_replay tests/model/test_wire
EXTRA_PROGRAMS += $(model_programs)
TESTS += $(model_programs)
tests_model_test_openai_SOURCES = tests/model/test_openai.c tests/model/cases.h $(model_openai)
tests_model_test_openai_CPPFLAGS = $(model_test_cppflags)
tests_model_test_openai_LDADD = $(model_test_ldadd)
tests_model_test_anthropic_SOURCES = tests/model/test_anthropic.c $(model_anthropic)
tests_model_test_anthropic_CPPFLAGS = $(model_test_cppflags)
tests_model_test_anthropic_LDADD = $(model_test_ldadd)
tests_model_test_ollama_SOURCES = tests/model/test_ollama.c $(model_ollama)
tests_model_test_ollama_CPPFLAGS = $(model_test_cppflags)
tests_model_test_ollama_LDADD = $(model_test_ldadd)
tests_model_test_replay_SOURCES = tests/model/test_replay.c $(model_replay)
tests_model_test_replay_CPPFLAGS = $(model_test_cppflags)
tests_model_test_replay_LDADD = $(model_test_ldadd)
tests_model_test_wire_SOURCES = tests/model/test_wire.c
tests_model_test_wire_CPPFLAGS = $(model_test_cppflags)
tests_model_test_wire_LDADD = $(model_test_ldadd)

# requests for prism.sh to send
check_PROGRAMS += tests/model/wire_cli
tests_model_wire_cli_SOURCES = tests/model/wire_cli.c $(model_openai) $(model_anthropic)
tests_model_wire_cli_CPPFLAGS = $(model_test_cppflags)
tests_model_wire_cli_LDADD = $(model_test_ldadd)
dist_check_SCRIPTS += tests/e2e/prism.sh tests/e2e/replay.sh tests/e2e/wire.sh tests/e2e/waits.sh tests/e2e/mocks.sh tests/e2e/llama.sh tests/e2e/http2.sh \
  tests/e2e/wire_kill.sh tests/e2e/models.sh
TESTS += tests/e2e/prism.sh tests/e2e/replay.sh tests/e2e/wire.sh tests/e2e/waits.sh tests/e2e/mocks.sh tests/e2e/llama.sh tests/e2e/http2.sh \
  tests/e2e/wire_kill.sh tests/e2e/models.sh
EXTRA_DIST += tests/e2e/forgetful.c tests/e2e/wire_lib.sh tests/e2e/npm_lib.sh tests/e2e/llama_bridge.mjs tests/e2e/h2_server.mjs
EXTRA_DIST += tests/model/tokens.tsv

# abi: loading, hostile plugins
check_PROGRAMS += tests/abi/list tests/abi/layout
tests_abi_list_CPPFLAGS = $(core_cppflags)
tests_abi_list_LDADD = libclio-core.la
tests_abi_layout_SOURCES = tests/abi/layout.c
dist_check_SCRIPTS += tests/abi/load.sh tests/abi/sdk.sh tests/abi/hostile.sh
TESTS += tests/abi/load.sh tests/abi/sdk.sh tests/abi/hostile.sh
hostile = tests/abi/hostile
EXTRA_DIST += $(hostile)/cases.txt $(hostile)/graph.yaml $(hostile)/evil.h $(hostile)/aggregator.c \
  $(hostile)/auditor.c $(hostile)/clusterer.c $(hostile)/embedder.c $(hostile)/extractor.c \
  $(hostile)/hierarchizer.c $(hostile)/namer.c $(hostile)/projector.c $(hostile)/report.c \
  $(hostile)/sampler.c $(hostile)/screener.c $(hostile)/summarizer.c
EXTRA_DIST += tests/abi/bad.c tests/abi/refusals.txt tests/abi/layout.txt tests/abi/clio-0.0.h tests/abi/clio-0.0-2.h \
  tests/abi/clio-0.0-3.h tests/abi/clio-0.0-4.h

# sdk: plugins written outside the tree
sdk_scripts = tests/sdk/new.sh tests/sdk/readme.sh tests/sdk/conform.sh tests/abi/yesterday.sh
EXTRA_DIST += tests/sdk/breaks.c tests/sdk/stage.cc tests/sdk/stage.rs
dist_check_SCRIPTS += $(sdk_scripts)
TESTS += $(sdk_scripts)

# graph: a graph in, the exact error out
EXTRA_PROGRAMS += tests/graph/graph_cases
TESTS += tests/graph/graph_cases
tests_graph_graph_cases_CPPFLAGS = $(core_cppflags)
tests_graph_graph_cases_LDADD = libclio-core.la
check_LTLIBRARIES += tests/graph/probes.la
tests_graph_probes_la_SOURCES = tests/graph/probes.c
tests_graph_probes_la_CPPFLAGS = $(plugin_cppflags)
tests_graph_probes_la_LDFLAGS = $(plugin_ldflags) -rpath $(abs_builddir)
dist_check_SCRIPTS += tests/graph/flow_cases.sh
TESTS += tests/graph/flow_cases.sh
EXTRA_DIST += tests/graph/flow

# fuzz: every parser of foreign bytes; without libFuzzer each runs over its corpus
EXTRA_PROGRAMS += tests/fuzz/graph
TESTS += tests/fuzz/graph
tests_fuzz_graph_CPPFLAGS = $(core_cppflags)
tests_fuzz_graph_LDADD = libclio-core.la
EXTRA_PROGRAMS += tests/fuzz/jsonl
TESTS += tests/fuzz/jsonl
tests_fuzz_jsonl_SOURCES = tests/fuzz/jsonl.c plugins/source/jsonl.c \
  plugins/source/jsonl_line.c plugins/source/jsonl_content.c
tests_fuzz_jsonl_CPPFLAGS = $(stage_test_cppflags) $(JSONC_CFLAGS)
tests_fuzz_jsonl_LDADD = libclio-test.la plugins/lib/libconv.la $(JSONC_LIBS)
EXTRA_DIST += tests/fuzz/jsonl-corpus/shapes.jsonl
EXTRA_PROGRAMS += tests/fuzz/exports tests/fuzz/input
TESTS += tests/fuzz/exports tests/fuzz/input
tests_fuzz_exports_SOURCES = tests/fuzz/exports.c tests/fuzz/replay.c tests/fuzz/replay.h \
  plugins/source/chatgpt_export.c plugins/source/chatgpt_message.c plugins/source/claude_export.c
tests_fuzz_exports_CPPFLAGS = $(stage_test_cppflags) $(JSONC_CFLAGS)
tests_fuzz_exports_LDADD = libclio-test.la plugins/lib/libconv.la $(JSONC_LIBS)
tests_fuzz_input_SOURCES = tests/fuzz/input.c tests/fuzz/replay.c
tests_fuzz_input_CPPFLAGS = $(core_cppflags)
tests_fuzz_input_LDADD = libclio-core.la
EXTRA_DIST += tests/fuzz/exports-corpus tests/fuzz/input-corpus
EXTRA_DIST += tests/graph/cases tests/graph/design.yaml tests/graph/design.json

EXTRA_PROGRAMS += tests/fuzz/models
TESTS += tests/fuzz/models
tests_fuzz_models_SOURCES = tests/fuzz/models.c tests/fuzz/replay.c $(model_openai) \
  $(model_anthropic) $(model_ollama)
tests_fuzz_models_CPPFLAGS = $(model_test_cppflags)
tests_fuzz_models_LDADD = $(model_test_ldadd)
EXTRA_DIST += tests/fuzz/models-corpus

# fuzz: what is put into prompts
EXTRA_PROGRAMS += tests/fuzz/prompt
TESTS += tests/fuzz/prompt
tests_fuzz_prompt_SOURCES = tests/fuzz/prompt.c tests/fuzz/replay.c tests/stage/tiny_host.c
tests_fuzz_prompt_CPPFLAGS = $(stage_test_cppflags) $(JSONC_CFLAGS)
tests_fuzz_prompt_LDADD = plugins/lib/libprompt.la $(JSONC_LIBS) -lm
EXTRA_DIST += tests/fuzz/prompt-corpus

# fuzz: answers to extractor/llm
EXTRA_PROGRAMS += tests/fuzz/facets
TESTS += tests/fuzz/facets
tests_fuzz_facets_SOURCES = tests/fuzz/facets.c tests/fuzz/replay.c $(facet_stages) \
  $(text_stage_sources)
tests_fuzz_facets_CPPFLAGS = $(text_stage_cppflags) -I$(srcdir)/plugins/extractor/llm
tests_fuzz_facets_LDADD = $(tests_stage_test_facets_LDADD)
EXTRA_DIST += tests/fuzz/facets-corpus

# fuzz: column files
EXTRA_PROGRAMS += tests/fuzz/column
TESTS += tests/fuzz/column
tests_fuzz_column_CPPFLAGS = $(core_cppflags)
tests_fuzz_column_LDADD = libclio-core.la

# fuzz: prices
EXTRA_PROGRAMS += tests/fuzz/prices
TESTS += tests/fuzz/prices
tests_fuzz_prices_SOURCES = tests/fuzz/prices.c tests/fuzz/replay.c tests/fuzz/replay.h
tests_fuzz_prices_CPPFLAGS = $(core_cppflags)
tests_fuzz_prices_LDADD = libclio-core.la
EXTRA_DIST += tests/fuzz/prices-corpus

# fuzz: answers of models against the form that was asked for
EXTRA_PROGRAMS += tests/fuzz/schema
TESTS += tests/fuzz/schema
tests_fuzz_schema_SOURCES = tests/fuzz/schema.c tests/fuzz/replay.c tests/fuzz/replay.h
tests_fuzz_schema_CPPFLAGS = $(core_cppflags)
tests_fuzz_schema_LDADD = libclio-core.la
EXTRA_DIST += tests/fuzz/schema-corpus

# e2e: stopped, killed, starved of disk, and run again
dist_check_SCRIPTS += tests/e2e/resume.sh tests/e2e/kill.sh tests/e2e/faults.sh tests/e2e/stop.sh tests/e2e/resume_input.sh
TESTS += tests/e2e/resume.sh tests/e2e/kill.sh tests/e2e/faults.sh tests/e2e/stop.sh tests/e2e/resume_input.sh
EXTRA_DIST += tests/e2e/kill.py
check_LTLIBRARIES += tests/e2e/fault.la
tests_e2e_fault_la_SOURCES = tests/e2e/fault.c
tests_e2e_fault_la_CPPFLAGS = -D_GNU_SOURCE -D_LARGEFILE64_SOURCE
tests_e2e_fault_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared -rpath $(abs_builddir)
tests_e2e_fault_la_LIBADD = -ldl

# e2e: all stages that ask a model, and a model that obeys strangers
dist_check_SCRIPTS += tests/e2e/adversary.sh
TESTS += tests/e2e/adversary.sh

# e2e: the built clio
dist_check_SCRIPTS += tests/e2e/show.sh
TESTS += tests/e2e/show.sh
EXTRA_DIST += tests/e2e/sample-clusters.json
e2e_scripts = tests/e2e/check.sh tests/e2e/synthetic.sh tests/e2e/accounts.sh tests/e2e/input.sh tests/e2e/hostile_input.sh tests/e2e/match.sh tests/e2e/validate.sh tests/e2e/privacy.sh
dist_check_SCRIPTS += $(e2e_scripts)
TESTS += $(e2e_scripts)
EXTRA_DIST += tests/e2e/lib.sh
dist_check_SCRIPTS += tests/e2e/inspect.sh tests/e2e/help.sh tests/e2e/purge.sh tests/e2e/doctor.sh tests/e2e/json.sh tests/e2e/newcomer.sh
TESTS += tests/e2e/inspect.sh tests/e2e/help.sh tests/e2e/purge.sh tests/e2e/doctor.sh tests/e2e/json.sh tests/e2e/newcomer.sh
dist_check_SCRIPTS += tests/e2e/plan.sh
TESTS += tests/e2e/plan.sh
EXTRA_DIST += tests/e2e/asker.c
dist_check_SCRIPTS += tests/e2e/facets.sh
TESTS += tests/e2e/facets.sh
dist_check_SCRIPTS += tests/e2e/use.sh
TESTS += tests/e2e/use.sh
dist_check_SCRIPTS += tests/e2e/install.sh
TESTS += tests/e2e/install.sh
EXTRA_DIST += tests/e2e/inspect_schema.py

# oracle: the release gate under attack. A bounded number of tables here;
# `make check-oracle` runs 10,000 (N=... for another number), `make check-mutants`
# breaks copies of the gate and sees each of them caught.
if HAVE_GLPK
oracle_sources = tests/oracle/main.c tests/oracle/oracle.c tests/oracle/oracle.h \
  tests/oracle/oracle_run.h tests/oracle/random.c tests/oracle/lexicon.c tests/oracle/sample.c \
  tests/oracle/sample.h tests/oracle/sample_facets.c tests/oracle/sample_names.c \
  tests/oracle/view.c tests/oracle/view.h tests/oracle/texts.c tests/oracle/model.c \
  tests/oracle/model.h tests/oracle/model_family.c tests/oracle/model_print.c \
  tests/oracle/reading.c tests/oracle/recount.c tests/oracle/recount_print.c \
  tests/oracle/attack.c tests/oracle/same.c tests/oracle/wiped.c tests/oracle/malformed.c
oracle_libs = -lglpk
else
oracle_sources = tests/oracle/skipped.c
oracle_libs =
endif
check_PROGRAMS += tests/oracle/oracle
dist_check_SCRIPTS += tests/oracle/self.sh
TESTS += tests/oracle/oracle tests/oracle/self.sh
tests_oracle_oracle_SOURCES = $(oracle_sources)
tests_oracle_oracle_CPPFLAGS = $(core_cppflags)
tests_oracle_oracle_LDADD = libclio-core.la $(oracle_libs)
EXTRA_DIST += tests/oracle/mutants.sh tests/oracle/mutants.txt tests/oracle/README.md

check-oracle: tests/oracle/oracle$(EXEEXT)
	n=$(N); $(AM_TESTS_ENVIRONMENT) tests/oracle/oracle -n $${n:-10000}
check-mutants: tests/oracle/oracle$(EXEEXT)
	$(AM_TESTS_ENVIRONMENT) CC="$(CC)"; export CC; \
	MUTANT_CFLAGS="$(DEFS) -I$(builddir) -I$(srcdir)/core -I$(srcdir)/sdk $(GLIB_CFLAGS) -O1"; \
	export MUTANT_CFLAGS; MUTANT_LIBS="$(core_libs) $(oracle_libs)"; export MUTANT_LIBS; \
	$(srcdir)/tests/oracle/mutants.sh
.PHONY: check-oracle check-mutants
