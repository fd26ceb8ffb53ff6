/*
 * The numbers of the reference: float, the arithmetic of rote-arithmetic(7); or, with -DREF_DOUBLE, double, where the
 * same loops are held against mathematics (tests/unit/gradient-test.c, optimizer-test.c).
 */
#ifndef ENGINE_REF_REAL_H
#define ENGINE_REF_REAL_H

#include <math.h>

#ifdef REF_DOUBLE
#define real double
#define real_fma fma
#define real_sqrt sqrt
#define real_exp exp
#define real_log log
#define real_tanh tanh
#else
#include "base/math.h"
#define real float
#define real_fma fmaf
#define real_sqrt sqrtf
#define real_exp math_expf
#define real_log math_logf
#define real_tanh math_tanhf
#endif

#endif
