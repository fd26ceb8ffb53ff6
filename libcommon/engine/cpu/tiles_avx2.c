#ifdef __x86_64__
#define TILES tiles_avx2
#define TILES_ISA "avx2"
#include "engine/cpu/tiles_body.h"
#endif
