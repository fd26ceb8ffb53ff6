/*
 * Pictures sorted into folders, one for each class: directory/class/picture.
 *
 *     struct folders folders;
 *     if (folders_find(directories, n, &folders, &error))
 *         die_error(&error);
 *     for each class: folders_check(&folders, class, &error), folders.at[class].names[0 .. count - 1]
 *     folders_free(&folders);
 *
 * Classes are those of all directories together, in the order of the bytes of their names, and the pictures of a class
 * likewise, so that neither the file system nor the locale decides. Links are followed. Passed over are names that
 * begin with a dot, and what is neither a file nor a directory.
 */
#ifndef DATA_FOLDERS_H
#define DATA_FOLDERS_H

#include "base/error.h"

#include <stddef.h>

struct folder {
    char *path, *name; /* name: the last part of the path */
    char **names;      /* (count): what is in it */
    size_t count;
};

struct folders {
    struct folder *at; /* (count) */
    size_t count;
    size_t pictures; /* in all of them */
    size_t beside;   /* files in the directories themselves, which are of no class */
};

/* 65: a directory without folders, or more classes or pictures than a data set has; 66, 74, 71: a directory is not
   there, cannot be read. On error `folders` is empty. */
enum status folders_find(char *const *directories, size_t n, struct folders *folders, struct error *error);
void folders_free(struct folders *folders);

/* Can this one be a class? 65: there is nothing in it, another has its name, or its name is more than a line. */
enum status folders_check(const struct folders *folders, size_t class, struct error *error);

#endif
