#include "process_barrier.h"

#if defined(_WIN32)
#include <windows.h>
#elif defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace flambeau {

#if defined(_WIN32)

bool has_barrier() { return true; }

bool pass_barrier() {
  FlushProcessWriteBuffers();
  return true;
}

#elif defined(__linux__) && defined(SYS_membarrier)

namespace {

/* From linux/membarrier.h, which not every system has. */
constexpr int kQuery = 0, kGlobal = 1 << 0, kExpedited = 1 << 3, kRegisterExpedited = 1 << 4;

bool command(int which) { return syscall(SYS_membarrier, which, 0, 0) == 0; }

}  // namespace

bool has_barrier() {
  const long known = syscall(SYS_membarrier, kQuery, 0, 0);
  return known > 0 && (known & kExpedited) != 0 && (known & kRegisterExpedited) != 0;
}

/* Registration takes milliseconds in a process of several threads, so it waits for the first barrier. */
bool pass_barrier() {
  static const bool registered = command(kRegisterExpedited);
  return (registered && command(kExpedited)) || command(kGlobal);
}

#else

bool has_barrier() { return false; }
bool pass_barrier() { return false; }

#endif

}  // namespace flambeau
