#include "doctor/signed.h"

#include "base/file.h"

#include <stdlib.h>

/* Without the file it is no matter whether it is signed. */
static enum status find_file(const char *path, struct error *error)
{
    enum file_kind kind;
    enum status status = file_kind(path, &kind, error);

    if (!status && kind == FILE_ABSENT)
        status = error_set(error, STATUS_NO_INPUT, "%s: open: no such file or directory", path);
    if (!status && kind == FILE_DIRECTORY)
        status = error_set(error, STATUS_NO_INPUT, "%s: open: it is a directory; what is signed are files", path);
    return status;
}

/* Nobody named the signature: it shall not be something that holds up who opens it. */
static enum status read_signature(const char *beside, struct minisign_signature *signature, struct error *error)
{
    enum file_kind kind;
    enum status status = file_kind(beside, &kind, error);

    if (!status && kind == FILE_OTHER)
        status = error_set(error, STATUS_DATA, "%s: open: it is no file", beside);
    return status ? status : minisign_read(beside, signature, error);
}

/* Of what is wrong with a signature the answer is no, and a state that says more. */
static enum signed_state refuse(struct error *error)
{
    enum status status = error->status;

    if (status != STATUS_NO_INPUT && status != STATUS_DATA)
        return SIGNED_UNREADABLE;
    error->status = STATUS_NO;
    return status == STATUS_DATA ? SIGNED_INVALID : SIGNED_MISSING;
}

static enum signed_state explain(enum minisign_verdict verdict, const char *path, const char *beside,
                                 const struct minisign_public_key *key, struct signed_file *file)
{
    char name[MINISIGN_NAME];

    switch (verdict) {
    case MINISIGN_OTHER_KEY:
        minisign_name(key->id, name);
        error_set(&file->error, STATUS_NO, "%s: verify: it is signed by the key %s, not by %s", path, file->key, name);
        return SIGNED_OTHER_KEY;
    case MINISIGN_OTHER_DATA:
        error_set(&file->error, STATUS_NO, "%s: verify: it is not what was signed: one of them was changed since",
                  path);
        return SIGNED_OTHER_FILE;
    case MINISIGN_OTHER_COMMENT:
        error_set(&file->error, STATUS_NO, "%s: verify: its trusted comment was changed since it was signed", beside);
        return SIGNED_OTHER_COMMENT;
    default:
        return SIGNED_GOOD;
    }
}

static void examine(const char *path, const char *beside, const struct minisign_public_key *key,
                    struct signed_file *file)
{
    struct minisign_signature signature;
    enum minisign_verdict verdict;

    if (read_signature(beside, &signature, &file->error)) {
        file->state = refuse(&file->error);
        return;
    }
    minisign_name(signature.id, file->key);
    if (minisign_check(&signature, key, path, &verdict, &file->error))
        file->state = SIGNED_UNREADABLE;
    else
        file->state = explain(verdict, path, beside, key, file);
    if (file->state == SIGNED_GOOD) {
        file->comment = signature.comment;
        signature.comment = NULL;
    }
    minisign_free(&signature);
}

void signed_examine(const char *path, const struct minisign_public_key *key, struct signed_file *file)
{
    char *beside = minisign_path(path);

    *file = (struct signed_file){ .state = SIGNED_UNREADABLE };
    if (!find_file(path, &file->error))
        examine(path, beside, key, file);
    free(beside);
}

void signed_free(struct signed_file *file)
{
    free(file->comment);
    *file = (struct signed_file){ .comment = NULL };
}

const char *signed_state_word(enum signed_state state)
{
    static const char *const words[] = { "good",    "other-key", "other-file", "other-comment",
                                         "invalid", "missing",   "unreadable" };

    return words[state];
}
