/*
 * Does system calls inside a window of free addresses and says what became of the areas there.
 *
 * Input: histories, an empty line between two; a call a line, in decimal. Addresses are bytes from `base`, which lies the first
 * argument (pages) below the window; 0 stays 0 where a call takes it for "anywhere". The fourth argument is a page that stands
 * for the end of the address space, and the 16 pages below it and whatever lies above for what is there.
 *
 *     mmap ADDRESS LENGTH PROT FLAGS FILE OFFSET     FILE: -1 none, 0 f, 1 f opened once more, 2 g, 3 f for reading
 *     munmap ADDRESS LENGTH | mprotect ADDRESS LENGTH PROT | mremap ADDRESS OLD NEW FLAGS TO | madvise ADDRESS LENGTH ADVICE
 *     brk ADDRESS | touch ADDRESS
 *
 * Output, a line a call: `= VALUE`, `E ERRNO` or `S SIGNAL`, then for each area in the window
 * ` | START END OFFSET FILE FLAGS`, from /proc/self/smaps; FILE is -1, 0 (f), 2 (g) or the inode of shared anonymous memory.
 * An empty line after a history. Each history runs in a child of its own.
 *
 * The window lies around the start of the heap, so that brk is the real one. All other free addresses are filled, so that
 * whatever the kernel may place stands in the window.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096UL
#define GUARD (256 * PAGE)
#define ADDRESS_LIMIT 0x7ffffffff000UL

static unsigned long base, window_start, window_end, limit;
static int files[4];
static unsigned long inodes[4];
static char input[1 << 24], text[1 << 20], output[1 << 16];
static size_t output_length;
static sigjmp_buf fault;

static void flush(void) {
  for (size_t done = 0; done < output_length;) {
    ssize_t count = write(1, output + done, output_length - done);
    if (count <= 0) _exit(3);
    done += count;
  }
  output_length = 0;
}

static void say(const char *format, ...) {
  if (output_length > sizeof output - 4096) flush();
  va_list list;
  va_start(list, format);
  output_length += vsnprintf(output + output_length, 4096, format, list);
  va_end(list);
}

static void die(const char *why) {
  say("unusable: %s\n", why);
  flush();
  _exit(2);
}

static size_t slurp(const char *path, char *buffer, size_t size) {
  int fd = path ? open(path, O_RDONLY) : 0;
  size_t length = 0;
  ssize_t count;
  if (fd < 0) die(path);
  while (length < size - 1 && (count = read(fd, buffer + length, size - 1 - length)) > 0) length += count;
  buffer[length] = 0;
  if (path) close(fd);
  return length;
}

static void fill(unsigned long start, unsigned long end) {
  int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
  if (start < end && mmap((void *)start, end - start, PROT_NONE, flags, -1, 0) != (void *)start) die("cannot fill the address space");
}

/* Fills [start, end) but for the window. */
static void fill_around(unsigned long start, unsigned long end) {
  fill(start, end < window_start ? end : window_start);
  fill(start > window_end ? start : window_end, end);
}

static void fill_all(void) {
  unsigned long free_from = 0, start, end;
  slurp("/proc/sys/vm/mmap_min_addr", text, sizeof text);
  free_from = strtoul(text, NULL, 10);
  slurp("/proc/self/maps", text, sizeof text);
  for (char *line = text, *next; *line; line = next) {
    next = strchr(line, '\n') + 1;
    if (sscanf(line, "%lx-%lx", &start, &end) != 2 || start >= ADDRESS_LIMIT) continue;
    if (start < window_end && end > window_start) die("something stands in the window");
    int is_stack = memmem(line, next - line, "[stack]", 7) != NULL;
    fill_around(free_from, is_stack ? start - GUARD : start);
    free_from = end;
  }
  fill_around(free_from, ADDRESS_LIMIT);
}

static void on_fault(int number) {
  siglongjmp(fault, number);
}

static void say_areas(void) {
  slurp("/proc/self/smaps", text, sizeof text);
  int inside = 0;
  for (char *line = text, *next; *line; line = next) {
    unsigned long start, end, offset, inode;
    char rights[5];
    next = strchr(line, '\n') + 1;
    if (sscanf(line, "%lx-%lx %4s %lx %*s %lu", &start, &end, rights, &offset, &inode) == 5) {
      inside = start >= window_start && end <= window_end;
      if (!inside) continue;
      long file = inode == 0 ? -1 : inode == inodes[0] ? 0 : inode == inodes[2] ? 2 : (long)inode;
      say(" | %lu %lu %lu %ld", start - base, end - base, offset, file);
    } else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
      say(" %.*s", (int)(next - line - 10), line + 9);
    }
  }
  say("\n");
}

static void *at(unsigned long address) {
  return (void *)(address >= limit - 16 * PAGE ? ADDRESS_LIMIT - limit + address : base + address);
}

static void *at_or_anywhere(unsigned long address) { return address ? at(address) : NULL; }

static void perform(char *line) {
  unsigned long a[6] = {0};
  char verb[16];
  sscanf(line, "%15s %lu %lu %lu %lu %ld %lu", verb, a, a + 1, a + 2, a + 3, (long *)a + 4, a + 5);
  long value;
  int is_address = 0;
  errno = 0;
  if (!strcmp(verb, "touch")) {
    int number = sigsetjmp(fault, 1);
    if (number) {
      say("S %d", number);
      return;
    }
    *(volatile char *)at(a[0]) = 1;
    value = 0;
  } else if (!strcmp(verb, "mmap")) {
    long file = (long)a[4];
    value = syscall(SYS_mmap, at_or_anywhere(a[0]), a[1], a[2], a[3], file < 0 ? -1 : files[file], a[5]);
    is_address = 1;
  } else if (!strcmp(verb, "munmap")) {
    value = syscall(SYS_munmap, at(a[0]), a[1]);
  } else if (!strcmp(verb, "mprotect")) {
    value = syscall(SYS_mprotect, at(a[0]), a[1], a[2]);
  } else if (!strcmp(verb, "mremap")) {
    value = syscall(SYS_mremap, at(a[0]), a[1], a[2], a[3], at_or_anywhere(a[4]));
    is_address = 1;
  } else if (!strcmp(verb, "madvise")) {
    value = syscall(SYS_madvise, at(a[0]), a[1], a[2]);
  } else if (!strcmp(verb, "brk")) {
    value = syscall(SYS_brk, at(a[0]));
    is_address = 1;
  } else {
    die("no such call");
    return;
  }
  if (errno) say("E %d", errno);
  else say("= %ld", is_address ? value - (long)base : value);
}

static int make_file(const char *name) {
  int fd = memfd_create(name, 0);
  if (fd < 0 || ftruncate(fd, 256 * PAGE)) die("no memfd");
  return fd;
}

static int open_again(int fd, int flags) {
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int again = open(path, flags);
  if (again < 0) die(path);
  return again;
}

/* A deep stack now, so that it does not grow later. */
static void use_stack(void) {
  volatile char deep[1 << 18];
  for (size_t i = 0; i < sizeof deep; i += PAGE) deep[i] = 1;
}

int main(int count, char **words) {
  if (count != 5) die("usage: areas FIRST END HEAP LIMIT, in pages");
  unsigned long first = strtoul(words[1], NULL, 10), end = strtoul(words[2], NULL, 10), heap = strtoul(words[3], NULL, 10);
  limit = strtoul(words[4], NULL, 10) * PAGE;
  unsigned long start_of_heap = syscall(SYS_brk, 0);
  if (start_of_heap % PAGE) die("the heap does not start at a page");
  base = start_of_heap - heap * PAGE;
  window_start = base + first * PAGE;
  window_end = base + end * PAGE;

  files[0] = make_file("f");
  files[1] = open_again(files[0], O_RDWR);
  files[2] = make_file("g");
  files[3] = open_again(files[0], O_RDONLY);
  for (int i = 0; i < 4; i++) {
    struct stat status;
    fstat(files[i], &status);
    inodes[i] = status.st_ino;
  }
  signal(SIGSEGV, on_fault);
  signal(SIGBUS, on_fault);
  slurp(NULL, input, sizeof input);
  use_stack();
  fill_all();

  for (char *line = input; *line;) {
    char *after = strstr(line, "\n\n");
    if (!after) die("no empty line at the end");
    pid_t child = fork();
    if (child < 0) die("no fork");
    if (child == 0) {
      after[1] = 0;
      for (char *next; *line; line = next) {
        next = strchr(line, '\n') + 1;
        perform(line);
        say_areas();
      }
      flush();
      _exit(0);
    }
    int status;
    if (waitpid(child, &status, 0) != child || status != 0) die("a history ended early");
    say("\n");
    flush();
    line = after + 2;
  }
  return 0;
}
