#include "base/library.h"

#include <dlfcn.h>

const char *library_load(const char *path, const struct library_symbol *symbols, size_t count)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    for (size_t i = 0; library && i < count; i++) {
        void *symbol = dlsym(library, symbols[i].name);
        *(void **)symbols[i].pointer = symbol; /* as POSIX has it for functions, C does not */
        if (!symbol)
            return dlerror();
    }
    return library ? NULL : dlerror();
}
