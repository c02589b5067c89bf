// Flags: engine/random/CMakeLists.txt.
#define PT_KERNELS kernels_baseline
#include "engine/random/draw_kernels.inc"
