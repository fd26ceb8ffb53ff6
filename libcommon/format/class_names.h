/*
 * The names of classes, as idx-pack(1) writes them beside a data set: a name a line, the first that of class 0.
 */
#ifndef FORMAT_CLASS_NAMES_H
#define FORMAT_CLASS_NAMES_H

#include "base/error.h"

#include <stddef.h>

struct class_names {
    char **name; /* (count) */
    size_t count;
};

/* Read them ("-" is stdin). 65: there is none, a line is empty, has a NUL, or is another's name. On error `names` is
   empty. The caller frees it. */
enum status class_names_read(const char *path, struct class_names *names, struct error *error);

/* The same of a file that no user named: file_read_regular(). */
enum status class_names_read_regular(const char *path, struct class_names *names, struct error *error);

/* 65: they are not enough for the labels of a set of so many classes. `path` names them in messages. */
enum status class_names_check(const struct class_names *names, size_t classes, const char *path, struct error *error);
void class_names_free(struct class_names *names);

#endif
