/*
 * How many processors there are for this process.
 */
#ifndef BASE_PROCESSORS_H
#define BASE_PROCESSORS_H

#include <stddef.h>

/* At least 1: those of its affinity, or fewer where a cgroup limits it, which is looked at the first time only. */
size_t processors_available(void);

/*
 * The limit of the cgroups that this process is in, version 1 or 2: the least from its own up to the root's, a part of
 * a processor counting as a whole one. SIZE_MAX where there is none, or none that can be read. Files are looked for
 * below the directory `root`; "" is that of the system.
 */
size_t processors_limit(const char *root);

#endif
