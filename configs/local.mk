# Graphs and word lists.

# What source/synthetic makes conversations of.
syntheticdir = $(pkgdatadir)/synthetic
dist_synthetic_DATA = configs/synthetic/topics.txt \
  configs/synthetic/en.txt \
  configs/synthetic/es.txt \
  configs/synthetic/fr.txt \
  configs/synthetic/pt.txt \
  configs/synthetic/ca.txt \
  configs/synthetic/ru.txt \
  configs/synthetic/uk.txt \
  configs/synthetic/ja.txt \
  configs/synthetic/zh.txt \
  configs/synthetic/tr.txt \
  configs/synthetic/af.txt \
  configs/synthetic/ar.txt \
  configs/synthetic/hi.txt \
  configs/synthetic/hy.txt \
  configs/synthetic/ka.txt \
  configs/synthetic/de.txt

# Graphs that run offline.
dist_pkgdata_DATA = configs/local.yaml configs/demo.yaml configs/validate.yaml configs/labelled.yaml
dist_pkgdata_DATA += configs/chatgpt.yaml configs/claude.yaml
# Graphs that ask language models.
dist_pkgdata_DATA += configs/anthropic.yaml configs/openai.yaml configs/ollama.yaml
# What models cost.
dist_pkgdata_DATA += configs/prices.yaml

# The sentence encoder's weights, where `autogen.sh model` has made them.
model_file = configs/models/use-lite-en.clio
install-data-hook: install-model
install-model:
	if test -f $(model_file); then \
	  $(MKDIR_P) "$(DESTDIR)$(pkgdatadir)/models" && \
	  $(INSTALL_DATA) $(model_file) "$(DESTDIR)$(pkgdatadir)/models"; fi
uninstall-hook: uninstall-model
uninstall-model:
	rm -f "$(DESTDIR)$(pkgdatadir)/models/use-lite-en.clio"
	-rmdir "$(DESTDIR)$(pkgdatadir)/models" 2>/dev/null
.PHONY: install-model uninstall-model
DISTCLEANFILES = $(model_file)

# What models are told in words.
promptsdir = $(pkgdatadir)/prompts
dist_prompts_DATA = configs/prompts/audit.txt configs/prompts/screen.txt \
  configs/prompts/name.txt configs/prompts/name-criteria.txt configs/prompts/name-repair.txt \
  configs/prompts/hierarchy-propose.txt configs/prompts/hierarchy-merge.txt \
  configs/prompts/hierarchy-assign.txt configs/prompts/hierarchy-name.txt \
  configs/prompts/answer-form.txt configs/prompts/answer-start.txt \
  configs/prompts/repair.txt
dist_prompts_DATA += configs/prompts/facets-system.txt configs/prompts/facets.txt \
  configs/prompts/facet-text.txt configs/prompts/facet-category.txt \
  configs/prompts/facet-number.txt configs/prompts/facet-language.txt

# What language models are asked about conversations.
facetsdir = $(pkgdatadir)/facets
dist_facets_DATA = configs/facets/request.yaml configs/facets/task.yaml \
  configs/facets/language.yaml configs/facets/concern.yaml configs/facets/refusal.yaml \
  configs/facets/frustration.yaml

# What names may hold unsupported: function and reporting words, everyday words.
wordsdir = $(pkgdatadir)/words
dist_words_DATA = \
  configs/words/common-en.txt \
  configs/words/frame-af.txt \
  configs/words/frame-ar.txt \
  configs/words/frame-ca.txt \
  configs/words/frame-de.txt \
  configs/words/frame-en.txt \
  configs/words/frame-es.txt \
  configs/words/frame-fr.txt \
  configs/words/frame-hi.txt \
  configs/words/frame-hy.txt \
  configs/words/frame-it.txt \
  configs/words/frame-ja.txt \
  configs/words/frame-ka.txt \
  configs/words/frame-ko.txt \
  configs/words/frame-nl.txt \
  configs/words/frame-pl.txt \
  configs/words/frame-pt.txt \
  configs/words/frame-ru.txt \
  configs/words/frame-tr.txt \
  configs/words/frame-uk.txt \
  configs/words/frame-zh.txt \
  configs/words/name-templates.txt \
  configs/words/name-themes.txt

# Names and forms by which personal information is found.
dist_words_DATA += \
  configs/words/given-names.txt \
  configs/words/pii-forms.txt \
  configs/words/refusal.txt \
  configs/words/request.txt \
  configs/words/surnames.txt
