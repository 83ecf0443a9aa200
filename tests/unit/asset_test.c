/* asset_test.c - names of data files, finding, mapping and hashing them. */
#include <glib/gstdio.h>
#include <string.h>

#include "asset.h"
#include "unit.h"

static void test_names(void) {
  static const char *const good[] = {"a", "models/use-lite-en.clio", "a.b_c-9/d"};
  static const char *const bad[] = {"",   "/a", "a/",  "a//b", "../a", "a/../b",     "./a",
                                    ".a", "A",  "a b", "a\\b", "a/.b", "caf\303\251"};
  for (size_t i = 0; i < G_N_ELEMENTS(good); i++) CU_ASSERT_TRUE(asset_is_name(good[i]));
  for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) CU_ASSERT_FALSE(asset_is_name(bad[i]));
  CU_ASSERT_FALSE(asset_is_name(NULL));
}

static clio_asset_file files[] = {{.name = "models/here.bin", .cure = "run this"},
                                  {.name = "models/absent.bin", .cure = "run that"}};

static plugin_stage stage_of(uint32_t count) {
  plugin_stage ps = {.assets = files};
  ps.s.assets = (clio_asset_files){files, count, sizeof files[0]};
  return ps;
}

static void test_open(void) {
  const asset *a = NULL, *again = NULL;
  error e = {0};
  CU_ASSERT_EQUAL_FATAL(asset_open("models/here.bin", &a, &e), CLIO_OK);
  CU_ASSERT_EQUAL(a->size, 3);
  CU_ASSERT_EQUAL(memcmp(a->bytes, "abc", 3), 0);
  CU_ASSERT_STRING_EQUAL(a->sha256,
                         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CU_ASSERT_EQUAL(asset_open("models/here.bin", &again, &e), CLIO_OK);
  CU_ASSERT_PTR_EQUAL(a, again);
  CU_ASSERT_EQUAL(asset_open("models/absent.bin", &again, &e), CLIO_E_IO);
  error_clear(&e);
  CU_ASSERT_EQUAL(asset_open("models", &again, &e), CLIO_E_IO);
  error_clear(&e);
  CU_ASSERT_EQUAL(asset_open("models/empty.bin", &again, &e), CLIO_E_IO);
  error_clear(&e);
  CU_ASSERT_EQUAL(asset_open("../models/here.bin", &again, &e), CLIO_E_CONFIG);
}

static void test_ready(void) {
  plugin_stage one = stage_of(1), two = stage_of(2), none = stage_of(0);
  char *text = NULL;
  error e = {0};
  CU_ASSERT_PTR_NULL(asset_missing(&none));
  CU_ASSERT_PTR_NULL(asset_missing(&one));
  CU_ASSERT_PTR_EQUAL_FATAL(asset_missing(&two), &files[1]);
  text = asset_missing_text(&files[1]);
  CU_ASSERT_STRING_EQUAL(text, "its data file models/absent.bin is missing; run that");
  g_free(text);
  CU_ASSERT_EQUAL(asset_identity(&none, &text, &e), CLIO_OK);
  CU_ASSERT_STRING_EQUAL(text, "");
  g_free(text);
  CU_ASSERT_EQUAL(asset_identity(&one, &text, &e), CLIO_OK);
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "models/here.bin ba7816bf8f01cfea"));
  g_free(text);
  CU_ASSERT_EQUAL(asset_identity(&two, &text, &e), CLIO_E_IO);
}

int main(void) {
  static const unit_test tests[] = {
      {"names", test_names}, {"open", test_open}, {"ready", test_ready}};
  g_autofree char *folder = g_dir_make_tmp("clio-asset-XXXXXX", NULL);
  g_autofree char *models = g_build_filename(folder, "models", NULL);
  g_autofree char *here = g_build_filename(models, "here.bin", NULL);
  g_autofree char *empty = g_build_filename(models, "empty.bin", NULL);
  g_mkdir(models, 0700);
  bool made = g_file_set_contents(here, "abc", 3, NULL) && g_file_set_contents(empty, "", 0, NULL);
  g_setenv("CLIO_DATA_PATH", folder, TRUE);
  int code = made ? unit_main("asset", tests, G_N_ELEMENTS(tests)) : EXIT_FAILURE;
  g_unlink(here);
  g_unlink(empty);
  g_rmdir(models);
  g_rmdir(folder);
  return code;
}
