/* text_service.h - the core's clio.text/1 for stage tests: the same code that
 * runs in the program, answering to the bench. Link libclio-core.la. */
#ifndef CLIO_TESTS_TEXT_SERVICE_H
#define CLIO_TESTS_TEXT_SERVICE_H
#include "clio.h"

/* A clio_text for clio_test_service(t, CLIO_TEXT_ID, text_service()); NULL, with
 * the reason on stderr, when the word lists cannot be read. In rule(), each row
 * is an account of its own and 10 accounts are asked of a word. Static. */
const clio_text *text_service(void);
#endif
