#include "isa.h"

#include <stdlib.h>
#include <string.h>

namespace flambeau {

#define FL_ENTRY(name) name,
#define FL_TABLE(set)                               \
  namespace set {                                   \
  const KernelTable table = {FL_KERNELS(FL_ENTRY)}; \
  }
FL_SETS(FL_TABLE)
#undef FL_TABLE
#undef FL_ENTRY

namespace {

#if FL_X86
Isa choose() {
  __builtin_cpu_init();
  [[maybe_unused]] const bool has_v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                                       __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  [[maybe_unused]] const bool has_v4 = has_v3 && __builtin_cpu_supports("avx512f") &&
                                       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
                                       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  const Isa known[] = {{&v2::table, "x86-64-v2", ""}, {&v3::table, "x86-64-v3", ""}, {&v4::table, "x86-64-v4", ""}};
#if defined(_WIN32)
  const int best = 0;  // g++ aligns the stack to 16 bytes on Windows, registers of 32 and 64 bytes would fault there
#else
  const int best = has_v4 ? 2 : has_v3 ? 1 : 0;
#endif
  const char* wish = getenv("FLAMBEAU_ISA");
  if (wish == nullptr || *wish == 0) return known[best];
  for (int i = 0; i < 3; ++i) {
    if (strcmp(wish, known[i].name + strlen("x86-64-")) != 0) continue;
    if (i <= best) return known[i];
    return {known[best].table, known[best].name, "FLAMBEAU_ISA names one that cannot run here"};
  }
  return {known[best].table, known[best].name, "FLAMBEAU_ISA must be v2, v3 or v4"};
}
#else
Isa choose() {
  const char* wish = getenv("FLAMBEAU_ISA");
  const bool asked = wish != nullptr && *wish != 0;
  return {&generic::table, "generic", asked ? "FLAMBEAU_ISA chooses between x86-64 instruction sets only" : ""};
}
#endif

}  // namespace

const Isa& isa() {
  static const Isa chosen = choose();
  return chosen;
}

}  // namespace flambeau
