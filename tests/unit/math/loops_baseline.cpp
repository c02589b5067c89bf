// Flags: CMakeLists.txt of this folder.
#define PT_LOOPS loops_baseline
#include "tests/unit/math/loops.inc"
