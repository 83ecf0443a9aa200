/* json_strict.c - see json_strict.h. */
#include "json_strict.h"

#include <stdlib.h>
#include <string.h>

#include "json_scan.h"

struct json_reader {
  json_scan scan;
  json_tokener *tokener;
};

json_reader *json_reader_new(unsigned depth) {
  json_reader *r = calloc(1, sizeof *r);
  if (!r) return NULL;
  r->scan.depth_max = depth < JSON_STRICT_DEPTH_MAX ? depth : JSON_STRICT_DEPTH_MAX;
  r->tokener = json_tokener_new_ex((int)r->scan.depth_max + 2);
  if (r->tokener) return r;
  free(r);
  return NULL;
}

void json_reader_free(json_reader *r) {
  if (!r) return;
  json_scan_clear(&r->scan);
  json_tokener_free(r->tokener);
  free(r);
}

static int set_fault(json_fault *ret, const char *reason, size_t column) {
  ret->reason = reason;
  ret->column = column;
  return 0;
}

int json_read(json_reader *r, const char *text, size_t len, json_object **ret,
              json_fault *ret_fault) {
  if (len > JSON_STRICT_BYTES) return set_fault(ret_fault, "longer than 1 GiB", 1);
  if (!json_scan_text(&r->scan, text, len))
    return set_fault(ret_fault, r->scan.reason, json_scan_column(text, r->scan.fault));
  json_tokener_reset(r->tokener);
  json_object *value = json_tokener_parse_ex(r->tokener, text, (int)len);
  if (json_tokener_get_error(r->tokener) == json_tokener_continue) /* a bare number may go on */
    value = json_tokener_parse_ex(r->tokener, "", 1);
  if (json_tokener_get_error(r->tokener) != json_tokener_success) {
    json_object_put(value);
    return set_fault(ret_fault, "json-c cannot read it", 1);
  }
  *ret = value;
  return 1;
}

json_slice json_member(const json_reader *r, const char *key) {
  const json_scan *s = &r->scan;
  size_t len = strlen(key);
  for (size_t i = 0; i < s->member_count; i++) {
    const json_span *m = &s->members[i];
    if (m->key_end - m->key == len && memcmp(s->text + m->key, key, len) == 0)
      return (json_slice){s->text + m->value, m->value_end - m->value};
  }
  return (json_slice){NULL, 0};
}

int json_is_whole(json_slice number) {
  size_t i = number.len && number.s[0] == '-';
  if (i == number.len) return 0;
  while (i < number.len && number.s[i] >= '0' && number.s[i] <= '9') i++;
  return i == number.len;
}
