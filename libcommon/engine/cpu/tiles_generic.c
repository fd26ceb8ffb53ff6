#define TILES tiles_generic
#define TILES_ISA "generic"
#include "engine/cpu/tiles_body.h"
