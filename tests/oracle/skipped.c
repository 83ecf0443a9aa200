/* skipped.c - stands for the oracle where GLPK is missing. */
#include <stdio.h>

int main(void) {
  puts("skipped: the oracle solves linear programs with GLPK, which is missing; "
       "apt-get install libglpk-dev, then configure again");
  return 77;
}
