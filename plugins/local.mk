# Bundled stages: each a shared object of its own, loaded as anyone's would be. They include sdk/
# and plugins/lib/ only. A new one: four lines below its kind's heading.
plugin_ldflags = $(AM_LDFLAGS) -module -avoid-version -shared -no-undefined \
  -export-symbols-regex '^clio_plugin_v0$$'
plugin_cppflags = $(AM_CPPFLAGS) -I$(srcdir)/plugins/lib

# shared by bundled stages (static, position-independent)
noinst_LTLIBRARIES += plugins/lib/libreleased.la
plugins_lib_libreleased_la_SOURCES = plugins/lib/released.c plugins/lib/released.h \
  plugins/lib/jsonout.c plugins/lib/jsonout.h
plugins_lib_libreleased_la_CPPFLAGS = $(plugin_cppflags)
noinst_LTLIBRARIES += plugins/lib/libscores.la
plugins_lib_libscores_la_SOURCES = plugins/lib/scoresheet.c plugins/lib/scoresheet.h
plugins_lib_libscores_la_CPPFLAGS = $(plugin_cppflags)
noinst_LTLIBRARIES += plugins/lib/libphrases.la
plugins_lib_libphrases_la_SOURCES = plugins/lib/strmap.c plugins/lib/strmap.h \
  plugins/lib/phrases.c plugins/lib/phrases.h plugins/lib/named_tree.c plugins/lib/named_tree.h \
  plugins/lib/named_emit.c plugins/lib/named_emit.h
plugins_lib_libphrases_la_CPPFLAGS = $(plugin_cppflags)

noinst_LTLIBRARIES += plugins/lib/libjsonin.la
plugins_lib_libjsonin_la_SOURCES = plugins/lib/json_strict.c plugins/lib/json_strict.h \
  plugins/lib/json_scan.c plugins/lib/json_scan.h plugins/lib/digest.c plugins/lib/digest.h \
  plugins/lib/timestamp.c plugins/lib/timestamp.h
plugins_lib_libjsonin_la_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS)
plugins_lib_libjsonin_la_LIBADD = $(JSONC_LIBS) -lm

# conversations read from JSON: what the sources share
noinst_LTLIBRARIES += plugins/lib/libconv.la
plugins_lib_libconv_la_SOURCES = plugins/lib/conv.c plugins/lib/conv.h plugins/lib/conv_text.c
plugins_lib_libconv_la_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS)
plugins_lib_libconv_la_LIBADD = plugins/lib/libjsonin.la

# models behind HTTP: requests, replies, faults
noinst_LTLIBRARIES += plugins/lib/libwire.la
plugins_lib_libwire_la_SOURCES = plugins/lib/wire.h plugins/lib/wire_answer.c \
  plugins/lib/wire_ask.c plugins/lib/wire_fault.c plugins/lib/wire_head.c \
  plugins/lib/wire_json.c plugins/lib/wire_json.h plugins/lib/wire_param.h \
  plugins/lib/wire_tokens.c plugins/lib/sha2.c plugins/lib/sha2.h
plugins_lib_libwire_la_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS)
plugins_lib_libwire_la_LIBADD = plugins/lib/libjsonin.la plugins/lib/libreleased.la

# prompts: texts with places, fences around foreign text, transcripts of conversations
noinst_LTLIBRARIES += plugins/lib/libprompt.la
plugins_lib_libprompt_la_SOURCES = plugins/lib/prompt.c plugins/lib/prompt.h \
  plugins/lib/transcript.c plugins/lib/transcript.h
plugins_lib_libprompt_la_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS)
plugins_lib_libprompt_la_LIBADD = plugins/lib/libwire.la

# numerics: dense and sparse products, SVD, k-means, linkage. Vectorised where the loop allows.
noinst_LTLIBRARIES += plugins/lib/libnumeric.la
plugins_lib_libnumeric_la_SOURCES = plugins/lib/work.c plugins/lib/work.h \
  plugins/lib/linalg.c plugins/lib/linalg.h plugins/lib/sparse.c plugins/lib/sparse.h \
  plugins/lib/svd.c plugins/lib/svd.h plugins/lib/terms.c plugins/lib/terms.h \
  plugins/lib/lloyd.c plugins/lib/lloyd.h plugins/lib/seeding.c plugins/lib/seeding.h \
  plugins/lib/linkage.c plugins/lib/linkage.h plugins/lib/principal.c plugins/lib/principal.h \
  plugins/lib/semantic.c plugins/lib/semantic.h plugins/lib/levels.c plugins/lib/levels.h \
  plugins/lib/leaves.c plugins/lib/leaves.h
plugins_lib_libnumeric_la_CPPFLAGS = $(plugin_cppflags) $(OPENBLAS_CFLAGS) $(LAPACKE_CFLAGS)
plugins_lib_libnumeric_la_CFLAGS = $(AM_CFLAGS) $(numeric_cflags)
plugins_lib_libnumeric_la_LIBADD = $(LAPACKE_LIBS) $(OPENBLAS_LIBS) -lm
numeric_cflags = -ftree-vectorize -fno-math-errno -fno-trapping-math

noinst_LTLIBRARIES += plugins/lib/libforms.la
plugins_lib_libforms_la_SOURCES = plugins/lib/formlist.c plugins/lib/formlist.h \
  plugins/lib/sentence.c plugins/lib/sentence.h
plugins_lib_libforms_la_CPPFLAGS = $(plugin_cppflags)

# names asked of a model: answers read with care, words that enough accounts share, repairs
noinst_LTLIBRARIES += plugins/lib/libnaming.la
plugins_lib_libnaming_la_SOURCES = plugins/lib/answer.c plugins/lib/answer.h plugins/lib/vocab.c \
  plugins/lib/vocab.h plugins/lib/naming.c plugins/lib/naming.h
plugins_lib_libnaming_la_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS)
plugins_lib_libnaming_la_LIBADD = plugins/lib/libprompt.la plugins/lib/libphrases.la \
  plugins/lib/libnumeric.la $(JSONC_LIBS)

# source
sourcedir = $(pkglibdir)/source
source_LTLIBRARIES =

source_LTLIBRARIES += plugins/source/jsonl.la
plugins_source_jsonl_la_SOURCES = plugins/source/jsonl.c plugins/source/jsonl_line.c \
  plugins/source/jsonl_line.h plugins/source/jsonl_content.c
plugins_source_jsonl_la_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS)
plugins_source_jsonl_la_LDFLAGS = $(plugin_ldflags)
plugins_source_jsonl_la_LIBADD = plugins/lib/libconv.la $(JSONC_LIBS)

source_LTLIBRARIES += plugins/source/chatgpt_export.la
plugins_source_chatgpt_export_la_SOURCES = plugins/source/chatgpt_export.c \
  plugins/source/chatgpt_message.c plugins/source/chatgpt_message.h
plugins_source_chatgpt_export_la_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS)
plugins_source_chatgpt_export_la_LDFLAGS = $(plugin_ldflags)
plugins_source_chatgpt_export_la_LIBADD = plugins/lib/libconv.la $(JSONC_LIBS)

source_LTLIBRARIES += plugins/source/claude_export.la
plugins_source_claude_export_la_SOURCES = plugins/source/claude_export.c
plugins_source_claude_export_la_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS)
plugins_source_claude_export_la_LDFLAGS = $(plugin_ldflags)
plugins_source_claude_export_la_LIBADD = plugins/lib/libconv.la $(JSONC_LIBS)

source_LTLIBRARIES += plugins/source/synthetic.la
plugins_source_synthetic_la_SOURCES = plugins/source/synthetic.c \
  plugins/source/synthetic_plot.c plugins/source/synthetic_plot.h \
  plugins/source/synthetic_talk.c plugins/source/synthetic_talk.h \
  plugins/source/synthetic_words.c plugins/source/synthetic_words.h plugins/source/synthetic_write.c
plugins_source_synthetic_la_CPPFLAGS = $(plugin_cppflags)
plugins_source_synthetic_la_LDFLAGS = $(plugin_ldflags)

# sampler
samplerdir = $(pkglibdir)/sampler
sampler_LTLIBRARIES =

sampler_LTLIBRARIES += plugins/sampler/random.la
plugins_sampler_random_la_SOURCES = plugins/sampler/random.c plugins/sampler/repeats.c \
  plugins/sampler/repeats.h
plugins_sampler_random_la_CPPFLAGS = $(plugin_cppflags)
plugins_sampler_random_la_LDFLAGS = $(plugin_ldflags)

# screener
screenerdir = $(pkglibdir)/screener
screener_LTLIBRARIES =

screener_LTLIBRARIES += plugins/screener/match.la
plugins_screener_match_la_SOURCES = plugins/screener/match.c plugins/screener/patterns.c \
  plugins/screener/patterns.h
plugins_screener_match_la_CPPFLAGS = $(plugin_cppflags) $(PCRE2_CFLAGS)
plugins_screener_match_la_LDFLAGS = $(plugin_ldflags)
plugins_screener_match_la_LIBADD = $(PCRE2_LIBS)

screener_LTLIBRARIES += plugins/screener/llm.la
plugins_screener_llm_la_SOURCES = plugins/screener/llm.c
plugins_screener_llm_la_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS)
plugins_screener_llm_la_LDFLAGS = $(plugin_ldflags)
plugins_screener_llm_la_LIBADD = plugins/lib/libnaming.la -lm

# summarizer
summarizerdir = $(pkglibdir)/summarizer
summarizer_LTLIBRARIES =

summarizer_LTLIBRARIES += plugins/summarizer/extractive.la
plugins_summarizer_extractive_la_SOURCES = plugins/summarizer/extractive.c \
  plugins/summarizer/candidates.c plugins/summarizer/candidates.h
plugins_summarizer_extractive_la_CPPFLAGS = $(plugin_cppflags)
plugins_summarizer_extractive_la_LDFLAGS = $(plugin_ldflags)
plugins_summarizer_extractive_la_LIBADD = plugins/lib/libforms.la

# extractor
extractordir = $(pkglibdir)/extractor
extractor_LTLIBRARIES =

extractor_LTLIBRARIES += plugins/extractor/basic.la
plugins_extractor_basic_la_SOURCES = plugins/extractor/basic.c
plugins_extractor_basic_la_CPPFLAGS = $(plugin_cppflags)
plugins_extractor_basic_la_LDFLAGS = $(plugin_ldflags)

if HAVE_CLD2
extractor_LTLIBRARIES += plugins/extractor/language.la
plugins_extractor_language_la_SOURCES = plugins/extractor/language.c \
  plugins/extractor/language_text.c plugins/extractor/language_text.h \
  plugins/lib/cld2_shim.cc plugins/lib/cld2_shim.h
plugins_extractor_language_la_CPPFLAGS = $(plugin_cppflags) $(ICU_CFLAGS)
plugins_extractor_language_la_LDFLAGS = $(plugin_ldflags)
plugins_extractor_language_la_LIBADD = $(CLD2_LIBS) $(ICU_LIBS)
endif

extractor_LTLIBRARIES += plugins/extractor/refusal.la
plugins_extractor_refusal_la_SOURCES = plugins/extractor/refusal.c
plugins_extractor_refusal_la_CPPFLAGS = $(plugin_cppflags)
plugins_extractor_refusal_la_LDFLAGS = $(plugin_ldflags)
plugins_extractor_refusal_la_LIBADD = plugins/lib/libforms.la

# facets by a language model: extractor/llm and summarizer/llm
extractor_LTLIBRARIES += plugins/extractor/llm.la
facet_stages = plugins/extractor/llm/llm.c plugins/extractor/llm/facet.h \
  plugins/extractor/llm/plan.c plugins/extractor/llm/form.c plugins/extractor/llm/ask.c \
  plugins/extractor/llm/read.c plugins/extractor/llm/languages.c plugins/extractor/llm/languages.h
plugins_extractor_llm_la_SOURCES = $(facet_stages)
plugins_extractor_llm_la_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS) $(ICU_CFLAGS)
plugins_extractor_llm_la_LDFLAGS = $(plugin_ldflags)
plugins_extractor_llm_la_LIBADD = plugins/lib/libprompt.la plugins/lib/libforms.la $(JSONC_LIBS) \
  $(ICU_LIBS) -lm

# embedder
embedderdir = $(pkglibdir)/embedder
embedder_LTLIBRARIES =
embedder_LTLIBRARIES += plugins/embedder/lsa.la
plugins_embedder_lsa_la_SOURCES = plugins/embedder/lsa.c
plugins_embedder_lsa_la_CPPFLAGS = $(plugin_cppflags)
plugins_embedder_lsa_la_LDFLAGS = $(plugin_ldflags)
plugins_embedder_lsa_la_LIBADD = plugins/lib/libnumeric.la

embedder_LTLIBRARIES += plugins/embedder/model.la
plugins_embedder_model_la_SOURCES = plugins/embedder/model.c
plugins_embedder_model_la_CPPFLAGS = $(plugin_cppflags)
plugins_embedder_model_la_LDFLAGS = $(plugin_ldflags)
plugins_embedder_model_la_LIBADD = -lm

# the Universal Sentence Encoder: one plugin, two stages; what tests and bench/ share is a library
noinst_LTLIBRARIES += plugins/embedder/use/libuse.la
plugins_embedder_use_libuse_la_SOURCES = \
  plugins/embedder/use/encoder.c plugins/embedder/use/encoder.h plugins/embedder/use/model.c \
  plugins/embedder/use/model.h plugins/embedder/use/pieces.c plugins/embedder/use/pieces.h \
  plugins/embedder/use/vectors.c plugins/embedder/use/vectors.h
plugins_embedder_use_libuse_la_CPPFLAGS = $(plugin_cppflags) $(OPENBLAS_CFLAGS) $(ICU_CFLAGS)
plugins_embedder_use_libuse_la_CFLAGS = $(AM_CFLAGS) $(numeric_cflags)
plugins_embedder_use_libuse_la_LIBADD = plugins/lib/libnumeric.la $(ICU_LIBS)
use_stages = plugins/embedder/use/use.c plugins/embedder/use/use.h plugins/embedder/use/blend.c \
  plugins/embedder/use/model_use.c
embedder_LTLIBRARIES += plugins/embedder/use.la
plugins_embedder_use_la_SOURCES = plugins/embedder/use/plugin.c $(use_stages)
plugins_embedder_use_la_CPPFLAGS = $(plugin_cppflags)
plugins_embedder_use_la_LDFLAGS = $(plugin_ldflags)
plugins_embedder_use_la_LIBADD = plugins/embedder/use/libuse.la
# makes the model file, which `autogen.sh model` puts into configs/models/
noinst_PROGRAMS += plugins/embedder/use/convert
plugins_embedder_use_convert_SOURCES = plugins/embedder/use/convert.c
plugins_embedder_use_convert_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS)
plugins_embedder_use_convert_LDADD = plugins/embedder/use/libuse.la $(JSONC_LIBS)

# clusterer
clustererdir = $(pkglibdir)/clusterer
clusterer_LTLIBRARIES =
clusterer_LTLIBRARIES += plugins/clusterer/kmeans.la
plugins_clusterer_kmeans_la_SOURCES = plugins/clusterer/kmeans.c \
  plugins/clusterer/kmeans_fit.c plugins/clusterer/kmeans_fit.h
plugins_clusterer_kmeans_la_CPPFLAGS = $(plugin_cppflags)
plugins_clusterer_kmeans_la_LDFLAGS = $(plugin_ldflags)
plugins_clusterer_kmeans_la_LIBADD = plugins/lib/libnumeric.la

# hierarchizer
hierarchizerdir = $(pkglibdir)/hierarchizer
hierarchizer_LTLIBRARIES =
hierarchizer_ward = plugins/hierarchizer/ward.c plugins/hierarchizer/ward_tree.c \
  plugins/hierarchizer/ward_tree.h
hierarchizer_LTLIBRARIES += plugins/hierarchizer/ward.la
plugins_hierarchizer_ward_la_SOURCES = $(hierarchizer_ward)
plugins_hierarchizer_ward_la_CPPFLAGS = $(plugin_cppflags)
plugins_hierarchizer_ward_la_LDFLAGS = $(plugin_ldflags)
plugins_hierarchizer_ward_la_LIBADD = plugins/lib/libnumeric.la

hierarchizer_llm = plugins/hierarchizer/llm/llm.c plugins/hierarchizer/llm/level.c \
  plugins/hierarchizer/llm/level.h plugins/hierarchizer/llm/propose.c \
  plugins/hierarchizer/llm/assign.c plugins/hierarchizer/llm/name.c \
  plugins/hierarchizer/llm/groups.c plugins/hierarchizer/llm/groups.h \
  plugins/hierarchizer/llm/near.c plugins/hierarchizer/llm/near.h plugins/hierarchizer/llm/snap.c \
  plugins/hierarchizer/llm/snap.h
hierarchizer_LTLIBRARIES += plugins/hierarchizer/llm.la
plugins_hierarchizer_llm_la_SOURCES = $(hierarchizer_llm)
plugins_hierarchizer_llm_la_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS)
plugins_hierarchizer_llm_la_LDFLAGS = $(plugin_ldflags)
plugins_hierarchizer_llm_la_LIBADD = plugins/lib/libnaming.la -lm

# namer
namerdir = $(pkglibdir)/namer
namer_LTLIBRARIES = plugins/namer/keyphrase.la
plugins_namer_keyphrase_la_SOURCES = \
  plugins/namer/keyphrase/keyphrase.c plugins/namer/keyphrase/slots.c plugins/namer/keyphrase/room.c \
  plugins/namer/keyphrase/profile.c \
  plugins/namer/keyphrase/subject.h plugins/namer/keyphrase/filling.c \
  plugins/namer/keyphrase/filling.h \
  plugins/namer/keyphrase/deeds.c plugins/namer/keyphrase/deeds.h plugins/namer/keyphrase/forms.c \
  plugins/namer/keyphrase/forms.h plugins/namer/keyphrase/surface.c \
  plugins/namer/keyphrase/surface.h plugins/namer/keyphrase/templates.c \
  plugins/namer/keyphrase/templates.h plugins/namer/keyphrase/themes.c plugins/namer/keyphrase/chooser.h \
  plugins/namer/keyphrase/topics.c \
  plugins/namer/keyphrase/topics.h \
  plugins/namer/keyphrase/wording.c plugins/namer/keyphrase/wording.h
plugins_namer_keyphrase_la_CPPFLAGS = $(plugin_cppflags)
plugins_namer_keyphrase_la_LDFLAGS = $(plugin_ldflags)
plugins_namer_keyphrase_la_LIBADD = plugins/lib/libphrases.la -lm

namer_llm = plugins/namer/llm/llm.c plugins/namer/llm/ask.c plugins/namer/llm/ask.h \
  plugins/namer/llm/contrast.c plugins/namer/llm/contrast.h plugins/namer/llm/sample.c \
  plugins/namer/llm/sample.h
namer_LTLIBRARIES += plugins/namer/llm.la
plugins_namer_llm_la_SOURCES = $(namer_llm)
plugins_namer_llm_la_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS)
plugins_namer_llm_la_LDFLAGS = $(plugin_ldflags)
plugins_namer_llm_la_LIBADD = plugins/lib/libnaming.la -lm

# aggregator
aggregatordir = $(pkglibdir)/aggregator
aggregator_LTLIBRARIES = plugins/aggregator/threshold.la
plugins_aggregator_threshold_la_SOURCES = \
  plugins/aggregator/threshold/threshold.c plugins/aggregator/threshold/threshold.h \
  plugins/aggregator/threshold/plan.c plugins/aggregator/threshold/bins.c \
  plugins/aggregator/threshold/bins.h
plugins_aggregator_threshold_la_CPPFLAGS = $(plugin_cppflags)
plugins_aggregator_threshold_la_LDFLAGS = $(plugin_ldflags)
plugins_aggregator_threshold_la_LIBADD = plugins/lib/libphrases.la -lm

# auditor
auditordir = $(pkglibdir)/auditor
auditor_LTLIBRARIES =

auditor_LTLIBRARIES += plugins/auditor/rules.la
plugins_auditor_rules_la_SOURCES = plugins/auditor/rules.c
plugins_auditor_rules_la_CPPFLAGS = $(plugin_cppflags)
plugins_auditor_rules_la_LDFLAGS = $(plugin_ldflags)

auditor_LTLIBRARIES += plugins/auditor/llm.la
plugins_auditor_llm_la_SOURCES = plugins/auditor/llm.c
plugins_auditor_llm_la_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS)
plugins_auditor_llm_la_LDFLAGS = $(plugin_ldflags)
plugins_auditor_llm_la_LIBADD = plugins/lib/libnaming.la -lm

# validator
validatordir = $(pkglibdir)/validator
validator_LTLIBRARIES = plugins/validator/reconstruction.la
plugins_validator_reconstruction_la_SOURCES = plugins/validator/reconstruction.c \
  plugins/validator/agreement.c plugins/validator/agreement.h plugins/validator/names.c \
  plugins/validator/names.h
plugins_validator_reconstruction_la_CPPFLAGS = $(plugin_cppflags)
plugins_validator_reconstruction_la_LDFLAGS = $(plugin_ldflags)
plugins_validator_reconstruction_la_LIBADD = plugins/lib/libscores.la plugins/lib/libreleased.la \
  plugins/lib/libphrases.la -lm

# report
reportdir = $(pkglibdir)/report
report_LTLIBRARIES =
report_LTLIBRARIES += plugins/report/evaluation.la
plugins_report_evaluation_la_SOURCES = plugins/report/evaluation.c plugins/report/evaluation.h \
  plugins/report/evaluation_page.c
plugins_report_evaluation_la_CPPFLAGS = $(plugin_cppflags)
plugins_report_evaluation_la_LDFLAGS = $(plugin_ldflags)
plugins_report_evaluation_la_LIBADD = plugins/lib/libscores.la plugins/lib/libreleased.la \
  plugins/lib/libphrases.la -lm
report_LTLIBRARIES += plugins/report/json.la plugins/report/csv.la
plugins_report_json_la_SOURCES = plugins/report/json.c
plugins_report_json_la_CPPFLAGS = $(plugin_cppflags)
plugins_report_json_la_LDFLAGS = $(plugin_ldflags)
plugins_report_json_la_LIBADD = plugins/lib/libreleased.la -lm
plugins_report_csv_la_SOURCES = plugins/report/csv.c
plugins_report_csv_la_CPPFLAGS = $(plugin_cppflags)
plugins_report_csv_la_LDFLAGS = $(plugin_ldflags)
plugins_report_csv_la_LIBADD = plugins/lib/libreleased.la -lm

# model: behind HTTP, each in two halves, request and reply; and from a record
model_openai = plugins/model/openai.c plugins/model/openai.h plugins/model/openai_reply.c
model_anthropic = plugins/model/anthropic.c plugins/model/anthropic.h \
  plugins/model/anthropic_reply.c
model_ollama = plugins/model/ollama.c plugins/model/ollama.h plugins/model/ollama_reply.c
model_replay = plugins/model/replay.c plugins/model/replay.h plugins/model/replay_make.c \
  plugins/model/replay_read.c
modeldir = $(pkglibdir)/model
model_LTLIBRARIES = plugins/model/openai.la plugins/model/anthropic.la plugins/model/ollama.la \
  plugins/model/replay.la
plugins_model_openai_la_SOURCES = $(model_openai)
plugins_model_anthropic_la_SOURCES = $(model_anthropic)
plugins_model_ollama_la_SOURCES = $(model_ollama)
plugins_model_replay_la_SOURCES = $(model_replay)
plugins_model_openai_la_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS)
plugins_model_openai_la_LDFLAGS = $(plugin_ldflags)
plugins_model_openai_la_LIBADD = plugins/lib/libwire.la $(JSONC_LIBS) -lm
plugins_model_anthropic_la_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS)
plugins_model_anthropic_la_LDFLAGS = $(plugin_ldflags)
plugins_model_anthropic_la_LIBADD = plugins/lib/libwire.la $(JSONC_LIBS) -lm
plugins_model_ollama_la_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS)
plugins_model_ollama_la_LDFLAGS = $(plugin_ldflags)
plugins_model_ollama_la_LIBADD = plugins/lib/libwire.la $(JSONC_LIBS) -lm
plugins_model_replay_la_CPPFLAGS = $(plugin_cppflags) $(JSONC_CFLAGS)
plugins_model_replay_la_LDFLAGS = $(plugin_ldflags)
plugins_model_replay_la_LIBADD = plugins/lib/libwire.la $(JSONC_LIBS) -lm
