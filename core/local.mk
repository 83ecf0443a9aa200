# The core: a static convenience library, so that tests link it too, and the program.
noinst_LTLIBRARIES += libclio-core.la
core_cppflags = -D_GNU_SOURCE $(AM_CPPFLAGS) -I$(srcdir)/core -I$(builddir) $(GLIB_CFLAGS) $(YAML_CFLAGS) \
  $(JSONC_CFLAGS) $(SQLITE_CFLAGS) $(ICU_CFLAGS) $(PCRE2_CFLAGS) $(ZLIB_CFLAGS) $(ZSTD_CFLAGS) $(LIBZIP_CFLAGS) $(CURL_CFLAGS) \
  $(HS_CFLAGS) $(OPENBLAS_CFLAGS) -DCLIO_PKGLIBDIR='"$(pkglibdir)"' -DCLIO_PKGDATADIR='"$(pkgdatadir)"' \
  -DCLIO_PKGCONFIGDIR='"$(pkgconfigdir)"'
core_libs = $(GLIB_LIBS) $(YAML_LIBS) $(JSONC_LIBS) $(SQLITE_LIBS) $(ICU_LIBS) $(PCRE2_LIBS) \
  $(ZLIB_LIBS) $(ZSTD_LIBS) $(LIBZIP_LIBS) $(CURL_LIBS) $(HS_LIBS) $(OPENBLAS_LIBS) -lstemmer -lpthread -ldl -lm
libclio_core_la_CPPFLAGS = $(core_cppflags)
libclio_core_la_LIBADD = $(core_libs)
libclio_core_la_SOURCES = \
  core/error.c core/error.h \
  core/json.c core/json.h
libclio_core_la_SOURCES += core/input.c core/input.h core/lines.c core/lines.h core/decode.c core/decode.h
libclio_core_la_SOURCES += core/items.c core/items.h core/archive.c core/archive.h
libclio_core_la_SOURCES += core/source.c core/source.h
libclio_core_la_SOURCES += core/text.c core/text_chars.c core/text.h
libclio_core_la_SOURCES += core/pii.c core/pii.h core/pii_parts.h core/pii_lexicon.c core/pii_lexicon.h \
  core/pii_tokens.c core/pii_shapes.c core/pii_numbers.c core/pii_names.c core/pii_places.c core/pii_prefilter.c
libclio_core_la_SOURCES += core/diag.c core/diag.h
libclio_core_la_SOURCES += core/doc.c core/doc.h core/doc_syntax.c core/doc_syntax.h
libclio_core_la_SOURCES += core/graph.c core/graph.h core/graph_parts.h core/graph_vars.c core/graph_models.c core/graph_privacy.c \
  core/graph_budget.c core/graph_budget.h
libclio_core_la_SOURCES += core/gate.c core/gate.h core/gate_internal.h core/gate_count.c core/gate_text.c
libclio_core_la_SOURCES += core/gate_tree.c core/gate_facets.c core/gate_family.c core/gate_print.c
libclio_core_la_SOURCES += core/words.c core/words.h
libclio_core_la_SOURCES += core/object.c core/object.h core/param.c core/param.h core/plugin.c core/plugin.h
libclio_core_la_SOURCES += core/plugin_check.c core/plugin_check.h core/registry.c core/registry.h
libclio_core_la_SOURCES += core/scan.c core/scan_child.c core/scan.h
libclio_core_la_SOURCES += core/scores.c core/scores.h
libclio_core_la_SOURCES += core/config.c core/config.h core/config_read.c
libclio_core_la_SOURCES += core/layout.c core/layout.h core/inspect.c core/inspect.h core/inspect_json.c
libclio_core_la_SOURCES += core/graph_schema.c core/graph_schema.h

libclio_core_la_SOURCES += \
  core/batch.c core/batch.h core/builder.c core/facets.c core/flow.c core/flow.h core/flow_live.c core/flow_models.c \
  core/flow_plan.c core/flow_privacy.c core/host.c core/host.h core/load.c core/load.h core/log.c \
  core/log.h core/manifest.c core/manifest.h core/members.c core/members.h \
  core/output.c core/output.h core/pool.c core/pool.h core/project.c core/project.h \
  core/release.c core/release.h core/rng.c core/rng.h core/roll.c core/roll.h core/run.c core/run.h \
  core/schema.c core/schema.h core/segment.c core/service.c core/store.c core/store.h core/table.c \
  core/table.h core/table_ops.c core/tables.c core/tree_check.c core/tree_check.h core/util.c \
  core/util.h core/whole.c core/config.h core/plugin.h core/registry.h
libclio_core_la_SOURCES += core/sha256.c core/sha256.h core/db.c core/db.h core/column_file.c \
  core/column_file.h core/spool.c core/entry.c core/entry_load.c core/store_parts.h \
  core/tsan_locks.c core/cache_key.c core/cache_key.h core/cache.c core/cache.h core/cache_parts.h core/cache_whole.c \
  core/input_key.c core/input_key.h core/segment.h core/segment_plan.c
libclio_core_la_SOURCES += core/asset.c core/asset.h
libclio_core_la_SOURCES += core/llm.c core/llm.h core/llm_parts.h core/llm_open.c core/llm_report.c \
  core/llm_watch.c core/llm_wire.c \
  core/llm_question.h core/llm_chat.c core/llm_embed.c core/llm_schema.c core/llm_schema.h
libclio_core_la_SOURCES += core/plan.c core/plan.h core/plan_answer.c core/llm_plan.c
libclio_core_la_SOURCES += core/money.c core/money.h core/prices.c core/prices.h core/estimate.c core/estimate.h core/ledger.c core/ledger.h \
  core/ledger_key.c core/ledger_key.h core/ledger_parts.h core/ledger_intent.c core/ledger_read.c core/ledger_write.c \
  core/ledger_summary.c core/ledger_summary.h
libclio_core_la_SOURCES += core/http.c core/http.h core/http_parts.h core/http_loop.c core/http_transfer.c \
  core/http_url.c core/lane.c core/lane.h core/lane_parts.h core/lane_reply.c core/lane_judge.c \
  core/lane_limits.c core/lane_limits.h core/lane_retry.c core/lane_retry.h
libclio_core_la_SOURCES += core/show.h core/show_load.c core/show_draw.c

bin_PROGRAMS += clio
clio_CPPFLAGS = $(core_cppflags)
clio_LDADD = libclio-test.la libclio-core.la
clio_SOURCES = core/main.c core/commands.c core/commands.h core/command.c core/command.h \
  core/command_help.c core/command_man.c core/graph_man.c core/command_complete.c core/roff.c core/roff.h \
  core/cmd_run.c core/cmd_check.c core/cmd_inspect.c core/cmd_show.c core/cmd_doctor.c \
  core/cmd_purge.c core/outdir.c core/outdir.h core/doctor.c core/doctor.h core/doctor_machine.c core/doctor_graph.c
clio_SOURCES += core/cmd_plan.c
clio_SOURCES += core/cmd_new.c core/cmd_conform.c core/conform.h core/conform_checks.c core/conform_child.c \
  core/conform_report.c core/conform_rows.c core/conform_text.c core/conform_parts.h core/conform_bench.c \
  core/conform_ways.c core/conform_state.c core/conform_calls.c core/conform_cures.c core/conform_model.c \
  core/conform_files.c core/conform_llm.c \
  core/imports.c core/imports.h

# Manual pages and completions, written by the program from its commands' descriptions (command.h).
command_pages = man/clio.1 man/clio-run.1 man/clio-check.1 man/clio-inspect.1 man/clio-show.1 \
  man/clio-doctor.1 man/clio-purge.1
command_pages += man/clio-plan.1
command_pages += man/clio-new.1 man/clio-conform.1
nodist_man1_MANS = $(command_pages)
# The graph's page tells of the bundled stages too, so it waits for them.
nodist_man5_MANS = man/clio-graph.5
man/clio-graph.5: clio$(EXEEXT) $(LTLIBRARIES)
	$(AM_V_GEN)$(MKDIR_P) man && CLIO_PLUGIN_PATH=plugins ./clio --man clio-graph >$@.tmp && mv $@.tmp $@
$(command_pages): clio$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) man && ./clio --man `basename $@ .1` >$@.tmp && mv $@.tmp $@

bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
nodist_bashcompletion_DATA = completion/clio
nodist_zshcompletion_DATA = completion/_clio
nodist_fishcompletion_DATA = completion/clio.fish
completions = $(nodist_bashcompletion_DATA) $(nodist_zshcompletion_DATA) $(nodist_fishcompletion_DATA)
write_completion = $(MKDIR_P) completion && { ./clio --completion $$shell && \
  cat $(srcdir)/core/completion/clio.$$shell; } >$@.tmp && mv $@.tmp $@
completion/clio: clio$(EXEEXT) core/completion/clio.bash
	$(AM_V_at)shell=bash; $(write_completion)
completion/_clio: clio$(EXEEXT) core/completion/clio.zsh
	$(AM_V_at)shell=zsh; $(write_completion)
completion/clio.fish: clio$(EXEEXT) core/completion/clio.fish
	$(AM_V_at)shell=fish; $(write_completion)
CLEANFILES += $(command_pages) $(nodist_man5_MANS) $(completions)
EXTRA_DIST += core/completion/clio.bash core/completion/clio.zsh core/completion/clio.fish

EXTRA_DIST += core/README.md core/GATE.md
