/* stage.cc - extractor/loudness in C++, built outside the tree: how many exclamation marks the
 * person wrote. The work throws and allocates as C++ does; nothing of it leaves a function. */
#include <new>
#include <string_view>
#include <vector>

#include "clio_util.h"

namespace {

struct Config {
  int64_t most;
};

class Loudness {
public:
  Loudness(const clio_host *host, const Config *config) : host_(host), config_(config) {}

  clio_status process(clio_call *call, const clio_table *in) const {
    clio_view role, content;
    CLIO_TRY(clio_get(host_, call, in, "role", CLIO_T_LIST, &role));
    CLIO_TRY(clio_get(host_, call, in, "content", CLIO_T_LIST, &content));
    std::vector<int64_t> marks(role.rows);
    for (uint64_t row = 0; row < role.rows; row++) marks[row] = count(role, content, row);
    clio_builder *out = host_->start(call, 0, in, nullptr, role.rows);
    auto *data =
        static_cast<int64_t *>(host_->data(out, host_->add(out, "loudness", CLIO_T_I64, 0)));
    for (uint64_t row = 0; data && row < role.rows; row++) data[row] = marks[row];
    return host_->emit(out);
  }

private:
  int64_t count(const clio_view &role, const clio_view &content, uint64_t row) const {
    int64_t marks = 0;
    for (int64_t i = 0; i < clio_list_count(&role, row); i++) {
      if (!clio_span_is(clio_list_at(&role, row, i), "user")) continue;
      clio_span span = clio_list_at(&content, row, i);
      for (char c : std::string_view(span.s, static_cast<size_t>(span.len))) marks += c == '!';
    }
    return marks < config_->most ? marks : config_->most;
  }

  const clio_host *host_;
  const Config *config_;
};

extern "C" {

clio_status loudness_create(const clio_host *host, clio_call *call, const void *config,
                            void **ret_self) {
  *ret_self = new (std::nothrow) Loudness(host, static_cast<const Config *>(config));
  return *ret_self ? static_cast<clio_status>(CLIO_OK) : clio_nomem(host, call);
}

clio_status loudness_process(void *self, clio_call *call, uint32_t, const clio_table *in) try {
  return static_cast<const Loudness *>(self)->process(call, in);
} catch (const std::bad_alloc &) {
  return CLIO_E_NOMEM;
}

void loudness_destroy(void *self) { delete static_cast<Loudness *>(self); }
}

const clio_param params[] = {
    CLIO_INT(Config, most, "100", 1, 100000, "counts above this are given as this"),
};
const clio_column reads[] = {
    {.name = "role", .help = "of each message", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW},
    {.name = "content", .help = "of each message", .type = CLIO_T_LIST, .privacy = CLIO_P_RAW},
};
const clio_column adds[] = {{.name = "loudness",
                             .help = "exclamation marks of the person",
                             .type = CLIO_T_I64,
                             .privacy = CLIO_P_DERIVED,
                             .flags = CLIO_COL_FACET}};
const clio_port inputs[] = {{.name = "conversations",
                             .help = "messages",
                             .columns = CLIO_LIST(reads),
                             .rows = CLIO_ROWS_CONVERSATION}};
const clio_port outputs[] = {{.name = "conversations",
                              .help = "the same with a count",
                              .columns = CLIO_LIST(adds),
                              .flags = CLIO_PORT_PASS,
                              .rows = CLIO_ROWS_CONVERSATION}};
const clio_stage stage = {
    .struct_size = sizeof(clio_stage),
    .threads = CLIO_PARALLEL,
    .caps = CLIO_CAP_DECLASSIFY,
    .kind = "extractor",
    .name = "loudness",
    .summary = "exclamation marks, counted in C++",
    .help = "Counts the exclamation marks in the person's messages.",
    .inputs = CLIO_LIST(inputs),
    .outputs = CLIO_LIST(outputs),
    .params = CLIO_LIST(params),
    .config_size = sizeof(Config),
    .create = loudness_create,
    .process = loudness_process,
    .destroy = loudness_destroy,
};
const clio_stage *const stages[] = {&stage, nullptr};
} // namespace

CLIO_PLUGIN_DEFINE(loudness) = {
    CLIO_PLUGIN_INIT,        .id = "test.loudness", .version = "1",
    .license = "Apache-2.0", .stages = stages,
};
