/* Prints the ABI hash of a header: FNV-1a, 64 bits, over its bytes without carriage returns, as a C constant. */
#include <cstdint>
#include <cstdio>

int main(int count, char** arguments) {
  FILE* header = count == 2 ? fopen(arguments[1], "rb") : nullptr;
  if (header == nullptr) return 1;
  uint64_t hash = 0xcbf29ce484222325u;
  for (int c; (c = fgetc(header)) != EOF;) {
    if (c != '\r') hash = (hash ^ static_cast<uint64_t>(c)) * 0x100000001b3u;
  }
  fclose(header);
  printf("0x%016llxULL", static_cast<unsigned long long>(hash));
  return 0;
}
