/* delay_server.h - an HTTP/1.1 server in a process of its own that answers every POST
 * with 1 KiB after a fixed delay: latency-bound, as a model service is. */
#ifndef CLIO_BENCH_DELAY_SERVER_H
#define CLIO_BENCH_DELAY_SERVER_H
#include <sys/types.h>

/* Forks it on a free port of this machine; call before starting threads. It ends with its
 * parent, or by a signal to the pid that is returned. */
pid_t delay_server_start(int delay_ms, int *ret_port);
#endif
