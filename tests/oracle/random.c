/* random.c - the oracle's random numbers: splitmix64 (Steele, Lea and Flood,
 * "Fast splittable pseudorandom number generators", 2014), so that a seed makes
 * the same table everywhere. */
#include "oracle.h"

uint64_t hash64(uint64_t x) {
  x += UINT64_C(0x9E3779B97F4A7C15);
  x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
  return x ^ (x >> 31);
}

uint64_t dice_next(dice *d) {
  uint64_t value = hash64(d->state);
  d->state += UINT64_C(0x9E3779B97F4A7C15);
  return value;
}

double dice_unit(dice *d) { return (double)(dice_next(d) >> 11) * 0x1.0p-53; }

int dice_int(dice *d, int low, int high) {
  return low + (int)(dice_next(d) % (uint64_t)(high - low + 1));
}

bool dice_chance(dice *d, double p) { return dice_unit(d) < p; }

int dice_of(dice *d, int count, const int *choices) { return choices[dice_int(d, 0, count - 1)]; }
