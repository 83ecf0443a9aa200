/* layout.c - prints the size of every struct of clio.h and where each field lies,
 * to be compared with layout.txt: what compiled plugins rely on. */
#include <stdio.h>

#include "clio.h"

#define SIZE(S) printf("%s %zu\n", #S, sizeof(S))
#define FIELD(S, f) printf("%s.%s %zu %zu\n", #S, #f, offsetof(S, f), sizeof(((S *)0)->f))

static void print_columns(void) {
  SIZE(clio_column);
  FIELD(clio_column, name);
  FIELD(clio_column, help);
  FIELD(clio_column, type);
  FIELD(clio_column, privacy);
  FIELD(clio_column, dim);
  FIELD(clio_column, flags);
  FIELD(clio_column, of);
  FIELD(clio_column, choices);
  SIZE(clio_columns);
  FIELD(clio_columns, items);
  FIELD(clio_columns, count);
  FIELD(clio_columns, item_size);
  SIZE(clio_port);
  FIELD(clio_port, name);
  FIELD(clio_port, help);
  FIELD(clio_port, columns);
  FIELD(clio_port, flags);
  FIELD(clio_port, rows);
  SIZE(clio_ports);
  SIZE(clio_strlist);
  FIELD(clio_strlist, items);
  FIELD(clio_strlist, count);
}

static void print_params(void) {
  SIZE(clio_param);
  FIELD(clio_param, name);
  FIELD(clio_param, help);
  FIELD(clio_param, unit);
  FIELD(clio_param, def);
  FIELD(clio_param, choices);
  FIELD(clio_param, min);
  FIELD(clio_param, max);
  FIELD(clio_param, offset);
  FIELD(clio_param, type);
  FIELD(clio_param, flags);
  SIZE(clio_params);
  SIZE(clio_view);
  FIELD(clio_view, type);
  FIELD(clio_view, dim);
  FIELD(clio_view, rows);
  FIELD(clio_view, valid);
  FIELD(clio_view, offsets);
  FIELD(clio_view, items);
  FIELD(clio_view, data);
}

static void print_host(void) {
  SIZE(clio_host);
  FIELD(clio_host, struct_size);
  FIELD(clio_host, abi_major);
  FIELD(clio_host, abi_minor);
  FIELD(clio_host, log);
  FIELD(clio_host, progress);
  FIELD(clio_host, cancelled);
  FIELD(clio_host, fail);
  FIELD(clio_host, fail_row);
  FIELD(clio_host, scratch);
  FIELD(clio_host, random);
  FIELD(clio_host, plan_input);
  FIELD(clio_host, plan_use);
  FIELD(clio_host, plan_output);
  FIELD(clio_host, plan_fail);
  FIELD(clio_host, rows);
  FIELD(clio_host, find);
  FIELD(clio_host, view);
  FIELD(clio_host, ref);
  FIELD(clio_host, unref);
  FIELD(clio_host, start);
  FIELD(clio_host, add);
  FIELD(clio_host, data);
  FIELD(clio_host, put);
  FIELD(clio_host, item);
  FIELD(clio_host, emit);
  FIELD(clio_host, service);
  FIELD(clio_host, input);
}

static void print_services(void) {
  SIZE(clio_parallel);
  FIELD(clio_parallel, struct_size);
  FIELD(clio_parallel, each);
  FIELD(clio_parallel, sum);
  SIZE(clio_output);
  FIELD(clio_output, open);
  FIELD(clio_output, write);
  FIELD(clio_output, close);
  SIZE(clio_members);
  FIELD(clio_members, text_column);
  FIELD(clio_members, table);
  FIELD(clio_members, rows);
  FIELD(clio_members, count);
  SIZE(clio_text);
  FIELD(clio_text, words);
  FIELD(clio_text, fold);
  FIELD(clio_text, redact);
  FIELD(clio_text, pii);
  FIELD(clio_text, simhash);
  FIELD(clio_text, rule);
  FIELD(clio_text, frame);
  SIZE(clio_asset);
  FIELD(clio_asset, map);
  SIZE(clio_asset_file);
  FIELD(clio_asset_file, name);
  FIELD(clio_asset_file, help);
  FIELD(clio_asset_file, origin);
  FIELD(clio_asset_file, license);
  FIELD(clio_asset_file, cure);
  SIZE(clio_asset_files);
  SIZE(clio_policy);
  FIELD(clio_policy, cluster_accounts);
  FIELD(clio_policy, cluster_conversations);
  FIELD(clio_policy, cluster_organizations);
  FIELD(clio_policy, cell_accounts);
  FIELD(clio_policy, cell_conversations);
  FIELD(clio_policy, cell_organizations);
  FIELD(clio_policy, word_accounts);
  FIELD(clio_policy, account_cap);
  FIELD(clio_policy, audit_floor);
  FIELD(clio_policy, round_to);
  FIELD(clio_policy, mode);
}

static void print_models(void) {
  SIZE(clio_llm_job);
  FIELD(clio_llm_job, struct_size);
  FIELD(clio_llm_job, max_tokens);
  FIELD(clio_llm_job, system);
  FIELD(clio_llm_job, prompt);
  FIELD(clio_llm_job, prefill);
  FIELD(clio_llm_job, schema);
  FIELD(clio_llm_job, shared);
  FIELD(clio_llm_job, temperature);
  FIELD(clio_llm_job, text);
  FIELD(clio_llm_job, text_len);
  FIELD(clio_llm_job, outcome);
  SIZE(clio_llm);
  FIELD(clio_llm, struct_size);
  FIELD(clio_llm, complete);
  FIELD(clio_llm, embed);
  SIZE(clio_ask);
  FIELD(clio_ask, struct_size);
  FIELD(clio_ask, kind);
  FIELD(clio_ask, job);
  FIELD(clio_ask, texts);
  FIELD(clio_ask, lens);
  FIELD(clio_ask, count);
  FIELD(clio_ask, dim);
  FIELD(clio_ask, without);
  SIZE(clio_request);
  FIELD(clio_request, struct_size);
  FIELD(clio_request, url);
  FIELD(clio_request, headers);
  FIELD(clio_request, key_header);
  FIELD(clio_request, body);
  FIELD(clio_request, body_len);
  FIELD(clio_request, in_tokens);
  FIELD(clio_request, out_tokens);
  FIELD(clio_request, in_likely);
  FIELD(clio_request, in_shared);
  SIZE(clio_response);
  FIELD(clio_response, struct_size);
  FIELD(clio_response, http_status);
  FIELD(clio_response, headers);
  FIELD(clio_response, body);
  FIELD(clio_response, body_len);
  SIZE(clio_rate);
  FIELD(clio_rate, limit);
  FIELD(clio_rate, remaining);
  FIELD(clio_rate, reset_ms);
  SIZE(clio_reply);
  FIELD(clio_reply, struct_size);
  FIELD(clio_reply, outcome);
  FIELD(clio_reply, text);
  FIELD(clio_reply, text_len);
  FIELD(clio_reply, vectors);
  FIELD(clio_reply, count);
  FIELD(clio_reply, dim);
  FIELD(clio_reply, in_tokens);
  FIELD(clio_reply, cached_tokens);
  FIELD(clio_reply, cache_write_tokens);
  FIELD(clio_reply, out_tokens);
  FIELD(clio_reply, without);
  FIELD(clio_reply, why);
  FIELD(clio_reply, served);
  FIELD(clio_reply, rates);
}

static void print_model(void) {
  SIZE(clio_model);
  FIELD(clio_model, struct_size);
  FIELD(clio_model, threads);
  FIELD(clio_model, caps);
  FIELD(clio_model, name);
  FIELD(clio_model, summary);
  FIELD(clio_model, help);
  FIELD(clio_model, asks);
  FIELD(clio_model, embeds_at_once);
  FIELD(clio_model, params);
  FIELD(clio_model, config_size);
  FIELD(clio_model, features);
  FIELD(clio_model, plan);
  FIELD(clio_model, build);
  FIELD(clio_model, parse);
  FIELD(clio_model, create);
  FIELD(clio_model, answer);
  FIELD(clio_model, destroy);
  FIELD(clio_model, assets);
}

static void print_plugin(void) {
  SIZE(clio_stage);
  FIELD(clio_stage, struct_size);
  FIELD(clio_stage, threads);
  FIELD(clio_stage, caps);
  FIELD(clio_stage, kind);
  FIELD(clio_stage, name);
  FIELD(clio_stage, summary);
  FIELD(clio_stage, help);
  FIELD(clio_stage, inputs);
  FIELD(clio_stage, outputs);
  FIELD(clio_stage, params);
  FIELD(clio_stage, config_size);
  FIELD(clio_stage, plan);
  FIELD(clio_stage, create);
  FIELD(clio_stage, process);
  FIELD(clio_stage, finish);
  FIELD(clio_stage, destroy);
  FIELD(clio_stage, assets);
  SIZE(clio_plugin);
  FIELD(clio_plugin, magic);
  FIELD(clio_plugin, struct_size);
  FIELD(clio_plugin, abi_major);
  FIELD(clio_plugin, abi_minor);
  FIELD(clio_plugin, reserved);
  FIELD(clio_plugin, id);
  FIELD(clio_plugin, version);
  FIELD(clio_plugin, license);
  FIELD(clio_plugin, vendor);
  FIELD(clio_plugin, url);
  FIELD(clio_plugin, stages);
  FIELD(clio_plugin, models);
}

int main(void) {
  print_columns();
  print_params();
  print_host();
  print_services();
  print_models();
  print_model();
  print_plugin();
  return 0;
}
