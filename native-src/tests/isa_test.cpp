/* What the library says about itself; FLAMBEAU_ISA is obeyed, or the reason given. */
#include <stdlib.h>

#include <string>

#include "testing.h"

using namespace testing;

int main() {
  CHECK(fl_abi() != 0, "the ABI's hash");
  const std::string text = fl_describe();
  const char* asked = getenv("FLAMBEAU_ISA");
#if defined(__x86_64__)
  if (asked != nullptr) {
    const bool obeyed = text.find(std::string("x86-64-") + asked) != std::string::npos;
    const bool explained = text.find("FLAMBEAU_ISA") != std::string::npos;
    CHECK(obeyed != explained, "%s", text.c_str());
  }
#endif
  CHECK(text.find("threads") != std::string::npos && text.find("BLAS") != std::string::npos, "%s", text.c_str());
  CHECK(fl_blas_open("/nowhere/libnothing.so") != FL_OK, "a BLAS that is not there");
  CHECK(strstr(fl_last_error(), "/nowhere/libnothing.so") != nullptr, "%s", fl_last_error());
  const float x = 1;
  CHECK(fl_unary(FL_EXP, FL_FLOAT32, 0, address(&x), address(&x), 0, 0) == FL_INTERNAL, "no elements");
  CHECK(fl_unary(FL_EXP, 17, 1, address(&x), address(&x), 0, 0) == FL_UNSUPPORTED, "no such dtype");
  CHECK(fl_unary(99, FL_FLOAT32, 1, address(&x), address(&x), 0, 0) == FL_UNSUPPORTED, "no such op");
  CHECK(fl_binary(99, FL_FLOAT32, 1, address(&x), address(&x), address(&x)) == FL_UNSUPPORTED, "no such op");
  return finish();
}
