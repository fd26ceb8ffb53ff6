/*
 * The space of a search: what each setting of its trials may be. hp-sample(1) describes the file, a setting a line:
 *
 *     optimizer.lr log 1e-4 1e-1
 *     width choice 32 64 128
 *
 *     struct space space;
 *     if (space_read("net.space", &space, &error))
 *         die_error(&error);
 *     ... space.dimensions[0 .. space.n - 1] ...
 *     space_free(&space);
 */
#ifndef FORMAT_SPACE_H
#define FORMAT_SPACE_H

#include "base/error.h"

#include <stddef.h>

enum space_kind {
    SPACE_LOG,     /* a number of a range: its logarithm is uniform */
    SPACE_UNIFORM, /* a number of a range */
    SPACE_INT,     /* a whole number of a range, both ends included */
    SPACE_CHOICE,  /* one of several words */
    SPACE_KINDS
};

enum { SPACE_MOST = 1000 /* dimensions */, SPACE_POINTS_MOST = 1000000 };

struct space_dimension {
    char *name;
    size_t line;
    enum space_kind kind;
    double low, high; /* not of a choice; whole numbers of an int, at most 1e9 */
    char **choices;   /* (points) of a choice, all different */
    size_t points;    /* how many values a grid has of it; 0 where its line does not tell, but must: log, uniform */
};

struct space {
    struct space_dimension *dimensions; /* in the order of their lines */
    size_t n;
};

/* Parse `text` (NUL-terminated; `source` names it in messages), of which the lines are as those of a model text:
   comments, blanks, `let` variables. 65 with file, line and the known words for what is wrong; or no line has a
   setting. The caller frees it with space_free(), also after an error. */
enum status space_parse(const char *text, const char *source, struct space *space, struct error *error);

/* The same of a file ("-" is stdin). */
enum status space_read(const char *path, struct space *space, struct error *error);

void space_free(struct space *space);

#endif
