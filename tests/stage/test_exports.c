/* test_exports.c - source/chatgpt_export and source/claude_export: the open
 * branch, what is marked, what is left out, every kind of bad item. */
#include <stdlib.h>

#include "check.h"
#include "clio_test.h"

extern const clio_plugin clio_plugin_v0_source_chatgpt_export;
extern const clio_plugin clio_plugin_v0_source_claude_export;

static clio_test *open_with(const clio_plugin *plugin, const char *lines) {
  clio_test *t = clio_test_open(plugin->stages[0]);
  clio_test_param(t, "path", "\"x.zip\"");
  clio_test_lines(t, "block", lines, 1 << 20);
  return t;
}

static void expect(const clio_plugin *plugin, const char *lines, const char *columns,
                   const char *want) {
  clio_test *t = open_with(plugin, lines);
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "conversations", columns), want);
  CHECK(clio_test_failed(t) == 0);
  clio_test_close(t);
}

static void expect_bad(const clio_plugin *plugin, const char *line, const char *why) {
  clio_test *t = open_with(plugin, line);
  uint64_t row = 9;
  CHECK_RUN(t);
  CHECK(clio_test_failed(t) == 1);
  CHECK_TEXT(clio_test_failure(t, 0, &row), why);
  CHECK(row == 0);
  clio_test_close(t);
}

static const clio_plugin *const chatgpt = &clio_plugin_v0_source_chatgpt_export;
static const clio_plugin *const claude = &clio_plugin_v0_source_claude_export;

/* ---- ChatGPT ---- */

/* JSON is written with single quotes here. */
static const char *quoted(const char *json) {
  static char text[8][4096];
  static unsigned next;
  char *to = text[next++ % 8];
  snprintf(to, sizeof *text, "%s", json);
  for (char *c = to; *c; c++)
    if (*c == '\'') *c = '"';
  return to;
}

/* An edit and a regenerated answer: current_node, `tail`, says which branch counts. */
static const char *tree(const char *tail) {
  static char text[4096];
  snprintf(text, sizeof text,
           "{'title':'T','conversation_id':'c','create_time':1700000000.5,"
           "'default_model_slug':'m','mapping':{"
           "'r':{'parent':null,'children':['s'],'message':null},"
           "'s':{'parent':'r','children':['u','v'],'message':{'author':{'role':'system'},"
           "'content':{'content_type':'text','parts':['']}}},"
           "'u':{'parent':'s','children':['a'],'message':{'author':{'role':'user'},"
           "'content':{'content_type':'text','parts':['first']}}},"
           "'a':{'parent':'u','children':[],'message':{'author':{'role':'assistant'},"
           "'content':{'content_type':'text','parts':['old']}}},"
           "'v':{'parent':'s','children':['b','c'],'message':{'author':{'role':'user'},"
           "'create_time':1700000001,'content':{'content_type':'text','parts':['second']}}},"
           "'b':{'parent':'v','children':[],'message':{'author':{'role':'assistant'},"
           "'recipient':'all','content':{'content_type':'text','parts':['one']}}},"
           "'c':{'parent':'v','children':[],'message':{'author':{'role':'assistant'},"
           "'recipient':'all','content':{'content_type':'text','parts':['two']}}}}%s}",
           tail);
  return quoted(text);
}

static void test_branches(void) {
  expect(chatgpt, tree(",'current_node':'b'"), NULL,
         "[{\"id\":\"c\",\"account\":null,\"org\":null,\"time\":1700000000500000,"
         "\"role\":[\"user\",\"assistant\"],\"content\":[\"second\",\"one\"],"
         "\"sent\":[\"2023-11-14T22:13:21Z\",\"\"],"
         "\"metadata\":\"{\\\"title\\\":\\\"T\\\",\\\"default_model_slug\\\":\\\"m\\\"}\"}]");
  expect(chatgpt, tree(",'current_node':'a'"), "content", quoted("[{'content':['first','old']}]"));
  static const char *const unknown[] = {",'current_node':null", ",'current_node':'gone'", ""};
  for (size_t i = 0; i < 3; i++)
    expect(chatgpt, tree(unknown[i]), "content", quoted("[{'content':['second','two']}]"));
}

#define MESSAGE(role, content, more) \
  "{'author':{'role':'" role "'},'content':" content ",'recipient':'all'" more "}"
#define TEXT(text) "{'content_type':'text','parts':['" text "']}"

/* A chain n1 .. nN of messages. */
static const char *chain(const char *const *messages, size_t n) {
  static char text[4096];
  size_t at = (size_t)snprintf(text, sizeof text, "{'id':'x','current_node':'n%zu','mapping':{", n);
  for (size_t i = 1; i <= n; i++)
    at += (size_t)snprintf(text + at, sizeof text - at,
                           "%s'n%zu':{'parent':'n%zu','children':[],'message':%s}",
                           i > 1 ? "," : "", i, i - 1, messages[i - 1]);
  snprintf(text + at, sizeof text - at, "}}");
  return quoted(text);
}

static void test_marks(void) {
  static const char *const messages[] = {
      MESSAGE("system", TEXT("hidden"), ",'weight':0"),
      MESSAGE("user", "{'content_type':'user_editable_context','user_profile':'SECRET'}",
              ",'weight':0"),
      MESSAGE("user", TEXT("hidden too"),
              ",'metadata':{'is_visually_hidden_from_conversation':true}"),
      MESSAGE("user",
              "{'content_type':'multimodal_text','parts':[{'content_type':'image_asset_pointer'},"
              "'look',{'content_type':'audio_transcription','text':'said'},"
              "{'content_type':'audio_asset_pointer'},{}]}",
              ",'metadata':{'attachments':[{}]}"),
      MESSAGE("assistant", "{'content_type':'thoughts','thoughts':[]}", ""),
      "{'author':{'role':'assistant'},'recipient':'python','content':{'content_type':'code',"
      "'text':'print()'}}",
      MESSAGE("tool", "{'content_type':'execution_output','text':'SECRET'}", ""),
      MESSAGE("assistant", "{'content_type':'code','text':'x = 1'}", ""),
      MESSAGE("assistant", TEXT("done"), ""),
      "null"};
  expect(chatgpt, chain(messages, sizeof messages / sizeof *messages), "role content",
         quoted("[{'role':['system','user','assistant','tool','assistant'],"
                "'content':['[custom instructions]',"
                "'[image]\\nlook\\nsaid\\n[audio]\\n[attachment]\\n[attachment]',"
                "'[thinking]\\n[tool call]','[tool result]','x = 1\\ndone']}]"));
}

static void test_chatgpt_bad(void) {
  static const char *const alien[] = {MESSAGE("robot", TEXT("SECRET"), "")};
  static const char *const late[] = {MESSAGE("user", TEXT("x"), ",'create_time':'SECRET'")};
  static const char *const none[] = {"null"};
  expect_bad(chatgpt, chain(alien, 1),
             "the author of message 1 is none of user, assistant, system, tool");
  expect_bad(chatgpt, chain(late, 1), "the time of message 1 is not one");
  expect_bad(chatgpt, chain(none, 1), "no message on the open branch");
  expect_bad(chatgpt, quoted("{'mapping':{}}"), "no message on the open branch");
  expect_bad(chatgpt, quoted("{'messages':[]}"),
             "no mapping; is this ChatGPT's conversations.json?");
  expect_bad(chatgpt, "[]",
             "a list, not a conversation; put one conversation on each line "
             "(jq -c '.[]' FILE does)");
  expect_bad(chatgpt, quoted("{'mapping':"), "not JSON: ends too early at column 12");
  expect_bad(chatgpt,
             quoted("{'current_node':'a','mapping':{'a':{'parent':'b'},'b':{'parent':'a'}}}"),
             "the parents of its messages run in a circle");
  expect_bad(chatgpt,
             quoted("{'mapping':{'a':{'children':['b']},'b':{'parent':'a','children':['b']}}}"),
             "no message on the open branch");
}

/* ---- Claude ---- */

static void test_claude(void) {
  expect(claude,
         quoted("{'uuid':'c','name':'N','created_at':'2026-11-01T00:00:00.5Z','account':{'uuid':"
                "'a'},'chat_messages':[{'sender':'human','text':'','content':[{'type':'text',"
                "'text':'hi'}],'created_at':'2026-11-01T00:00:00Z','attachments':["
                "{'extracted_content':'SECRET'}],'files':[]},{'sender':'assistant','text':"
                "'whole','content':[{'type':'thinking'},{'type':'tool_use'},{'type':"
                "'tool_result'},{'type':'token_budget'},{'type':'text','text':'ho'}]},"
                "{'sender':'human','text':'old'},{'sender':'human','text':''}]}"),
         NULL,
         "[{\"id\":\"c\",\"account\":\"a\",\"org\":null,\"time\":1793491200500000,"
         "\"role\":[\"user\",\"assistant\",\"user\"],"
         "\"content\":[\"hi\\n[attachment]\",\"[thinking]\\n[tool call]\\n[tool result]\\nho\","
         "\"old\"],\"sent\":[\"2026-11-01T00:00:00Z\",\"\",\"\"],"
         "\"metadata\":\"{\\\"name\\\":\\\"N\\\"}\"}]");
}

static void test_claude_bad(void) {
  expect_bad(claude, quoted("{'uuid':'c'}"),
             "no chat_messages; is this Claude's conversations.json?");
  expect_bad(claude, quoted("{'chat_messages':[]}"), "no message holds anything");
  expect_bad(claude, quoted("{'chat_messages':[{'sender':'SECRET'}]}"),
             "the sender of message 1 is neither human nor assistant");
  expect_bad(claude, quoted("{'chat_messages':[{'sender':'human','text':'x','created_at':7e300}]}"),
             "the time of message 1 is not one");
  expect_bad(claude,
             quoted("{'created_at':'SECRET','chat_messages':[{'sender':'human','text':'x'}]}"),
             "created_at is not a time");
  expect_bad(claude, "7", "no JSON object");
}

/* Who it is where the conversation does not say: the export itself. */
static void test_account(void) {
  static const char row[] = "[{\"bytes\":\"{\\\"chat_messages\\\":[{\\\"sender\\\":\\\"human\\\","
                            "\\\"text\\\":\\\"x\\\"}]}\",\"file\":\"a.zip\"}]";
  clio_test *t = clio_test_open(claude->stages[0]);
  clio_test_param(t, "path", "\"x.zip\"");
  clio_test_rows(t, "block", "bytes:utf8 file:utf8", row);
  CHECK_RUN(t);
  CHECK_TEXT(clio_test_json(t, "conversations", "account"), "[{\"account\":\"a.zip\"}]");
  clio_test_close(t);
}

static void test_memory(void) {
  clio_test *t = open_with(chatgpt, tree(",'current_node':'b'"));
  CHECK(clio_test_torture(t) == CLIO_OK);
  clio_test_close(t);
  t = open_with(claude, quoted("{'chat_messages':[{'sender':'human','text':'x'}]}"));
  CHECK(clio_test_torture(t) == CLIO_OK);
  clio_test_close(t);
}

int main(void) {
  test_branches();
  test_marks();
  test_chatgpt_bad();
  test_claude();
  test_claude_bad();
  test_account();
  test_memory();
  return CHECK_DONE();
}
