// Flags: CMakeLists.txt of this folder.
#define PT_LOOPS loops_avx512
#include "tests/unit/math/loops.inc"
