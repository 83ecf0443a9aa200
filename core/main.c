/* main.c - placeholder until the commands land. */
int main(void) { return 2; }
