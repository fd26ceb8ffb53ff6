/*
 * A model text parsed, for the tests of model texts: what comes of it as one string to compare.
 */
#ifndef MODEL_PARSE_H
#define MODEL_PARSE_H

#include "format/model.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The statements that every text needs besides its layers. */
#define RECIPE "loss cross-entropy\ntrain\noptimizer adadelta\n"
#define INPUT "input 1 28 28\n"

/* The canonical text of `text` under settings (up to four, NULL for none), or its error's status and message. The next
   call overwrites it. */
static inline const char *parse4(const char *text, char *a, char *b, char *c, char *d)
{
    static char result[1 << 17];
    char *settings[] = { a, b, c, d };
    size_t count = 0;
    struct model *model;
    struct error error;

    while (count < 4 && settings[count])
        count++;
    if (model_parse(text, "net.model", settings, count, &model, &error)) {
        CHECK(model == NULL);
        snprintf(result, sizeof result, "%d %s", (int)error.status, error.text);
    } else {
        snprintf(result, sizeof result, "%s", model->text);
    }
    model_free(model);
    return result;
}

static inline const char *parse(const char *text)
{
    return parse4(text, NULL, NULL, NULL, NULL);
}

static inline const char *set(const char *text, char *setting)
{
    return parse4(text, setting, NULL, NULL, NULL);
}

/* What becomes of layers between a sound input and a sound recipe: their canonical text without its last newline, or
   the error. */
static inline const char *parse_layer(const char *layers)
{
    static char result[1 << 17];
    char *text, *end;

    if (asprintf(&text, INPUT "%s\n" RECIPE, layers) < 0)
        abort();
    snprintf(result, sizeof result, "%s", parse(text));
    free(text);
    end = strstr(result, "\nloss ");
    if (strncmp(result, INPUT, strlen(INPUT)) != 0 || !end)
        return result;
    *end = '\0';
    return result + strlen(INPUT);
}

#endif
