/*
 * Whether a file is signed (base/minisign.h): by which key, and what its signature says beside.
 *
 *     struct signed_file file;
 *     signed_examine("net.onnx", &key, &file);
 *     puts(signed_state_word(file.state));
 *     signed_free(&file);
 */
#ifndef DOCTOR_SIGNED_H
#define DOCTOR_SIGNED_H

#include "base/minisign.h"

enum signed_state {
    SIGNED_GOOD,
    SIGNED_OTHER_KEY,     /* by another key than was asked for */
    SIGNED_OTHER_FILE,    /* what was signed is not what the file contains */
    SIGNED_OTHER_COMMENT, /* nor the trusted comment */
    SIGNED_INVALID,       /* the signature is none, or not a whole one */
    SIGNED_MISSING,       /* there is no signature */
    SIGNED_UNREADABLE,    /* nobody can tell, or there is no file */
};

struct signed_file {
    enum signed_state state;
    char key[MINISIGN_NAME]; /* of which the signature says it is; "" where none could be read */
    char *comment;           /* the trusted one, of a good signature; else NULL */
    struct error error;      /* unless good; its status is 1 but for what is unreadable */
};

void signed_examine(const char *path, const struct minisign_public_key *key, struct signed_file *file);
void signed_free(struct signed_file *file);

/* The state in a word, as in ckpt-verify's column. */
const char *signed_state_word(enum signed_state state);

#endif
