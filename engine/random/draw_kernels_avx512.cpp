// Flags: engine/random/CMakeLists.txt.
#define PT_KERNELS kernels_avx512
#include "engine/random/draw_kernels.inc"
