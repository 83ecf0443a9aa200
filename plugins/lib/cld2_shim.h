/* cld2_shim.h - Compact Language Detector 2, a C++ library, for C. */
#ifndef CLIO_LIB_CLD2_SHIM_H
#define CLIO_LIB_CLD2_SHIM_H
#ifdef __cplusplus
extern "C" {
#endif

/* The language most of a text is in, as a number below cld2_languages(); -1
 * where there is too little of it to be reliable. `utf8` must be valid. Pure;
 * any thread. */
int cld2_detect(const char *utf8, int len);

/* The code of a language, such as "en" or "zh-Hant". Static. */
int cld2_languages(void);
const char *cld2_code(int language);

#ifdef __cplusplus
}
#endif
#endif
