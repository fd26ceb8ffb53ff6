#ifdef __x86_64__
#define TILES tiles_avx512
#define TILES_ISA "avx512"
#include "engine/cpu/tiles_body.h"
#endif
