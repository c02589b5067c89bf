// The loops of the expression programs for AVX2 and FMA.
#define PT_KERNEL_NAME run_avx2
#include "engine/expr/kernels.inc"
