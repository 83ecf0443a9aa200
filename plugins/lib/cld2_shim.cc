/* cld2_shim.cc - see cld2_shim.h. Linked before libcld2, libcld2_full replaces
 * its tables by those of twice as many languages. */
#include "cld2_shim.h"

#include <cstdio> /* CLD2's header needs FILE and does not say so */

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

int cld2_detect(const char *utf8, int len) {
  CLD2::Language top[3];
  int percent[3], text_bytes;
  double score[3];
  bool reliable;
  const CLD2::CLDHints none = {nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
  CLD2::ExtDetectLanguageSummary(utf8, len, true, &none, 0, top, percent, score, nullptr,
                                 &text_bytes, &reliable);
  /* Typed chat with its slips is often half unknown to CLD2 and then called unreliable, though no
   * other language comes near. */
  bool clear = percent[0] >= 50 && percent[0] >= 2 * percent[1];
  return (reliable || clear) && top[0] != CLD2::UNKNOWN_LANGUAGE ? static_cast<int>(top[0]) : -1;
}

int cld2_languages(void) { return static_cast<int>(CLD2::NUM_LANGUAGES); }

const char *cld2_code(int language) {
  return CLD2::LanguageCode(static_cast<CLD2::Language>(language));
}
