/* members.h - the text rule for a stage: what clio.text/1's rule() asks. */
#ifndef CLIO_CORE_MEMBERS_H
#define CLIO_CORE_MEMBERS_H
#include "run.h"

members_cache *members_new(void);

/* Would the gate pass `text` for these members? Indexes the members' column on
 * first use and keeps the index for as long as the same table and column are
 * asked about. [any] */
clio_status members_rule(clio_call *call, const clio_members *members, bool is_name,
                         const char *text, const char **ret_reason);

/* Forgets the index. */
void members_forget(run *r);
#endif
