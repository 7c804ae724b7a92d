// A program for a small checkpoint: two processes, private and shared memory, a file mapped both ways; no C library.
static long call(long n, long a, long b, long c, long d, long e, long f) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  __asm__ volatile("syscall" : "=a"(result) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
}
static char *map(long address, long size, long prot, long flags, long fd, long offset) {
  return (char *)call(9, address, size, prot, flags, fd, offset);
}
void _start(void) {
  char *own = map(0x10000000, 0x3000, 3, 0x32, -1, 0); // MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS
  char *both = map(0x20000000, 0x2000, 3, 0x31, -1, 0); // MAP_SHARED | MAP_FIXED | MAP_ANONYMOUS
  long file = call(2, (long)"shared.bin", 2, 0, 0, 0, 0);
  char *through = map(0x30000000, 0x1000, 3, 0x11, file, 0);
  char *copied = map(0x40000000, 0x1000, 3, 0x12, file, 0);
  map(0x50000000, 0x1000, 1, 0x32, -1, 0);
  call(28, 0x10000000, 0x3000, 16, 0, 0, 0); // MADV_DONTDUMP
  own[0] = 'A';
  own[0x2000] = 'C';
  both[0x1000] = 'S';
  through[1] = 'T';
  copied[2] = 'P';
  call(3, file, 0, 0, 0, 0, 0);
  if (call(57, 0, 0, 0, 0, 0, 0) == 0) own[0x1000] = 'B'; // fork: the child's alone
  for (;;) call(34, 0, 0, 0, 0, 0, 0); // pause
}
