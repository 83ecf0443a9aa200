/* main.c - placeholder until the commands land. */
#include <string.h>

#include "registry.h"

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "--scan") == 0) return registry_scan_main(argv[2]);
  return 2;
}
