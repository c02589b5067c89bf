// The loops of the expression programs for any x86-64 processor.
#define PT_KERNEL_NAME run_baseline
#include "engine/expr/kernels.inc"
