// The loops of the expression programs for AVX-512 (F, DQ, BW, VL).
#define PT_KERNEL_NAME run_avx512
#include "engine/expr/kernels.inc"
