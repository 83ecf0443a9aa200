/* chatgpt_message.h - one message of a ChatGPT export: whose it is, and its text
 * with all that is not text marked. */
#ifndef CLIO_SOURCE_CHATGPT_MESSAGE_H
#define CLIO_SOURCE_CHATGPT_MESSAGE_H
#include "conv.h"

/* Reads a node's `message`. CLIO_OK with ret->role NULL: there is nothing to
 * keep (no message, hidden, or empty). CLIO_E_INPUT: row->why says what is
 * wrong; `number`, 1-based, is the message's place on the path. */
clio_status chatgpt_message(const conv_parser *p, conv_row *row, json_object *message,
                            size_t number, conv_message *ret);
#endif
