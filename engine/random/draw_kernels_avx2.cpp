// Flags: engine/random/CMakeLists.txt.
#define PT_KERNELS kernels_avx2
#include "engine/random/draw_kernels.inc"
