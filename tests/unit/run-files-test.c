/* The files of a run as text: what names are, what is well-formed in them, and how a remedy quotes words. */
#include "doctor/remedy.h"
#include "format/pins.h"
#include "format/run_conf.h"
#include "format/run_evaluation.h"
#include "format/run_files.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct error error;

static void names_have_kinds(void)
{
    static const struct {
        const char *name;
        enum run_kind kind;
        uint64_t epoch;
    } names[] = {
        { "run.conf", RUN_SETTINGS, 0 },
        { "net.model", RUN_NETWORK, 0 },
        { "train.list", RUN_LIST, 0 },
        { "pinned", RUN_PINS, 0 },
        { "notes", RUN_NOTED, 0 },
        { "epoch-0003.safetensors", RUN_CHECKPOINT, 3 },
        { "epoch-12345.safetensors.part", RUN_PARTIAL, 12345 },
        { "epoch-0003.eval", RUN_EVALUATION, 3 },
        { ".epoch-0003.safetensors.abcdef.tmp", RUN_TEMPORARY, 0 },
        { ".rote-train.tmp", RUN_TEMPORARY, 0 },
        { "epoch-0003.safetensors.damaged", RUN_DAMAGED, 0 },
        { "epoch-0003.eval.damaged.12", RUN_DAMAGED, 0 },
        { "x.damaged.damaged", RUN_DAMAGED, 0 },
    };
    static const char *const strangers[] = {
        "epoch-3.safetensors",
        "epoch-00003.safetensors",
        "epoch-0003.safetensors ",
        "epoch-0003.safetensors.part.part",
        "epoch-0003.evaluation",
        "epoch-.eval",
        ".eval",
        "best.safetensors",
        ".tmp",
        "x.tmp",
        ".damaged",
        "x.damaged.",
        "x.damaged.2b",
        "x.damaged2",
        "run.conf~",
        "",
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct run_name name = run_name(names[i].name);
        CHECK_TEXT(run_kind_word(name.kind), run_kind_word(names[i].kind));
        CHECK_EQUAL(name.epoch, names[i].epoch);
    }
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        CHECK_EQUAL(run_name(strangers[i]).kind, RUN_UNKNOWN);
}

static void a_long_name_is_no_epochs(void)
{
    char name[300];

    memset(name, '0', sizeof name);
    memcpy(name, "epoch-", 6);
    strcpy(name + 250, ".safetensors");
    CHECK_EQUAL(run_name(name).kind, RUN_UNKNOWN);
    strcpy(name + 6, "18446744073709551616.safetensors");
    CHECK_EQUAL(run_name(name).kind, RUN_UNKNOWN);
}

static enum status read_conf(const char *text, struct run_conf *conf)
{
    char *path = unit_file("file", text);
    enum status status = run_conf_read(path, conf, &error);

    free(path);
    return status;
}

static void run_conf_is_read_with_defaults(void)
{
    struct run_conf conf;

    CHECK_EQUAL(
        read_conf(
            "# what this is\n\ndata=/d=e\nepochs=6\nsave-every=2\nwidth=3\noptimizer.lr=0.1\nkeep=-l 1\nranks=2\n",
            &conf),
        STATUS_OK);
    CHECK_TEXT(conf.data, "/d=e");
    CHECK_TEXT(conf.val, "0.1");
    CHECK_TEXT(conf.samples, "");
    CHECK_EQUAL(conf.epochs, 6);
    CHECK(conf.has_epochs);
    CHECK_EQUAL(conf.save_every, 2);
    CHECK_EQUAL(conf.eval_every, 1);
    CHECK_EQUAL(conf.seed, 1);
    CHECK_EQUAL(conf.setting_count, 2);
    CHECK_TEXT(conf.settings[1], "optimizer.lr=0.1");
    run_conf_free(&conf);
    CHECK_EQUAL(read_conf("", &conf), STATUS_OK);
    CHECK(!conf.has_epochs);
    run_conf_free(&conf);
}

static void check_beginning(const char *text, const char *from, uint64_t first)
{
    struct run_conf conf;
    char *path;

    CHECK_EQUAL(read_conf(text, &conf), STATUS_OK);
    path = run_conf_beginning(&conf);
    CHECK(!path == !from);
    if (path && from)
        CHECK_TEXT(path, from);
    CHECK_EQUAL(conf.first, first);
    free(path);
    run_conf_free(&conf);
}

static void a_run_begins_with_a_fork_with_weights_or_with_neither(void)
{
    check_beginning("", NULL, 0);
    check_beginning("init=\nfork=\n", NULL, 0);
    check_beginning("init=/a/b\n", "/a/b", 0);
    check_beginning("fork=/a@b@12\n", "/a@b/epoch-0012.safetensors", 12);
    check_beginning("fork=/a@12345\n", "/a/epoch-12345.safetensors", 12345);
}

static void a_wrong_run_conf_is_refused(void)
{
    static const char *const wrong[] = {
        "seed\n",
        "=1\n",
        "1x=1\n",
        "a b=1\n",
        "seed=1\nseed=1\n",
        "seed=x\n",
        "seed=-1\n",
        "save-every=0\n",
        "eval-every=\n",
        "val=1.5\n",
        "val=0.x\n",
        "val=0.0\n",
        "samples=0\n",
        "data=\n",
        "epochs=\n",
        "patience=1.5\n",
        "epochs=3\nsave-every=2\n",
        "fork=/a\n",
        "fork=@1\n",
        "fork=/a@x\n",
        "fork=/a@4294967296\n",
    };
    struct run_conf conf;

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK_EQUAL(read_conf(wrong[i], &conf), STATUS_DATA);
        run_conf_free(&conf);
    }
    CHECK_EQUAL(run_conf_read(unit_directory(), &conf, &error), STATUS_NO_INPUT);
    run_conf_free(&conf);
}

static enum status read_pins(const char *text, struct pins *pins)
{
    free(unit_file("pinned", text));
    return pins_read(unit_directory(), pins, &error);
}

static void pins_are_names_of_checkpoints(void)
{
    struct pins pins;

    CHECK_EQUAL(pins_read(unit_directory(), &pins, &error), STATUS_OK);
    CHECK_EQUAL(pins.n, 0);
    CHECK_EQUAL(read_pins("\nepoch-0003.safetensors\n\nepoch-12345.safetensors", &pins), STATUS_OK);
    CHECK_EQUAL(pins.n, 2);
    CHECK(pins.epochs[0] == 3 && pins.epochs[1] == 12345);
    pins_free(&pins);
    CHECK_EQUAL(read_pins("epoch-0003.safetensors\nepoch-3\n", &pins), STATUS_DATA);
    CHECK(strstr(error.text, "/pinned:2: read: no checkpoint is called 'epoch-3'; a line is a name like "));
    pins_free(&pins);
}

#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OWN_HEADER \
    "#path\tdigest\tparent\tdata\tepoch\tstep\tbatch\tclass\tseed\ttrain.loss\ttrain.accuracy\ttrain.samples\n"
#define OWN OWN_HEADER "e\t" DIGEST "\tnone\tnone\t3\t7\t0\tfp32\t1\t1.5\t0.5\t10\n"
#define HEADER \
    "#path\tdigest\tepoch\tsplit\tdata\tn\tloss\taccuracy\taccuracy.low\taccuracy.high\tcorrect\tclass\tweights\n"
#define VALID "e\t" DIGEST "\t3\tvalid\t" OTHER "\t4\t1.5\t0.5\t0.2\t0.8\t2\tfp32\tmodel\n"

static enum status read_evaluation(const char *text)
{
    struct run_evaluation evaluation;
    char *path = unit_file("file", text);
    enum status status = run_evaluation_read(path, 3, &evaluation, &error);

    if (!status) {
        CHECK_TEXT(record_get(evaluation.own, "step"), "7");
        CHECK(!run_evaluation_of(&evaluation, "test"));
    }
    run_evaluation_free(&evaluation);
    free(path);
    return status;
}

static void an_evaluation_is_of_one_checkpoint(void)
{
    CHECK_EQUAL(read_evaluation(OWN), STATUS_OK);
    CHECK_EQUAL(read_evaluation(OWN HEADER VALID), STATUS_OK);
    CHECK_EQUAL(read_evaluation(""), STATUS_DATA);
    CHECK_EQUAL(read_evaluation(HEADER VALID), STATUS_DATA);
    CHECK_EQUAL(read_evaluation(HEADER VALID OWN), STATUS_DATA);
    CHECK_EQUAL(read_evaluation(OWN OWN), STATUS_DATA);
    CHECK_EQUAL(read_evaluation(OWN HEADER VALID VALID), STATUS_DATA);
    CHECK_EQUAL(read_evaluation("#path\tdigest\tepoch\ne\t" DIGEST "\t3\n"), STATUS_DATA);
    CHECK_EQUAL(read_evaluation("#digest\tepoch\n" DIGEST "\t3\n"), STATUS_DATA);
    CHECK_EQUAL(read_evaluation("#path\tdigest\tepoch\ne\tnone\t3\n"), STATUS_DATA);
    CHECK_EQUAL(read_evaluation("#path\tdigest\tepoch\ne\t" DIGEST "\tnone\n"), STATUS_DATA);
    CHECK_EQUAL(
        read_evaluation(OWN HEADER "e\t" OTHER "\t3\tvalid\t" OTHER "\t4\t1.5\t0.5\t0.2\t0.8\t2\tfp32\tmodel\n"),
        STATUS_DATA);
    CHECK_EQUAL(
        read_evaluation(OWN HEADER "f\t" DIGEST "\t3\tvalid\t" OTHER "\t4\t1.5\t0.5\t0.2\t0.8\t2\tfp32\tmodel\n"),
        STATUS_DATA);
    CHECK_EQUAL(
        read_evaluation(OWN HEADER "e\t" DIGEST "\t4\tvalid\t" OTHER "\t4\t1.5\t0.5\t0.2\t0.8\t2\tfp32\tmodel\n"),
        STATUS_DATA);
    CHECK_EQUAL(read_evaluation(OWN HEADER "e\t" DIGEST "\t3\tvalid\tnone\t4\t1.5\t0.5\t0.2\t0.8\t2\tfp32\tmodel\n"),
                STATUS_DATA);
    CHECK_EQUAL(read_evaluation(OWN "#path\tdigest\tepoch\tsplit\tn\ne\t" DIGEST "\t3\tvalid\t4\n"), STATUS_DATA);
}

/* n, loss, accuracy, low, high, correct, and what comes after them. */
static enum status figures(const char *values)
{
    char text[2048];

    snprintf(text, sizeof text, OWN HEADER "e\t" DIGEST "\t3\tvalid\t" OTHER "\t%s\n", values);
    return read_evaluation(text);
}

static void figures_that_cannot_be_are_refused(void)
{
    static const char *const wrong[] = {
        "0\t1.5\tnan\t0.2\t0.8\t0\tfp32\tmodel",  "4\t1.5\t0.5\t0.2\t0.8\t3\tfp32\tmodel",
        "4\t1.5\t1.5\t0.2\t1.8\t6\tfp32\tmodel",  "4\t1.5\t0.50\t0.2\t0.8\t2\tfp32\tmodel",
        "4\t-1\t0.5\t0.2\t0.8\t2\tfp32\tmodel",   "4\tx\t0.5\t0.2\t0.8\t2\tfp32\tmodel",
        "4\tnone\t0.5\t0.2\t0.8\t2\tfp32\tmodel", "4\t1.5\t0.5\t0.6\t0.8\t2\tfp32\tmodel",
        "4\t1.5\t0.5\t0.2\t0.4\t2\tfp32\tmodel",  "4\t1.5\t0.5\t-0.2\t0.8\t2\tfp32\tmodel",
        "4\t1.5\t0.5\t0.2\t1.1\t2\tfp32\tmodel",  "4.0\t1.5\t0.5\t0.2\t0.8\t2\tfp32\tmodel",
        "4\t1.5\t0.5\t0.2\t0.8\t2\tfp32\tmode",   "4\t1.5\t0.5\t0.2\t0.8\t2\tfp32",
    };

    CHECK_EQUAL(figures("4\t1.5\t0.5\t0.2\t0.8\t2\tfp32\tema"), STATUS_OK);
    CHECK_EQUAL(figures("4\tnan\t0\t0\t0.8\t0\tfp32\tmodel"), STATUS_OK);
    CHECK_EQUAL(figures("4\tinf\t1\t0.2\t1\t4\tfp32\tmodel"), STATUS_OK);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_EQUAL(figures(wrong[i]), STATUS_DATA);
}

static void check_word(const char *word, const char *quoted)
{
    struct text text = { 0 };

    remedy_word(&text, word);
    CHECK_TEXT(text.at, quoted);
    text_free(&text);
}

static void words_are_quoted_where_the_shell_would_change_them(void)
{
    check_word("runs/a-1_b.c:d=e,f@g%h+i", "runs/a-1_b.c:d=e,f@g%h+i");
    check_word("", "''");
    check_word("a b", "'a b'");
    check_word("it's", "'it'\\''s'");
    check_word("-v\ny", "\"$(printf '\\055v\\012y')\"");
    check_word("~", "'~'");
    check_word("$(x)`y`\\", "'$(x)`y`\\'");
    check_word("gr\xc3\xbc\xc3\x9f", "'gr\xc3\xbc\xc3\x9f'");
    check_word("a\nb", "\"$(printf 'a\\012b')\"");
    check_word("a\n", "\"$(printf 'a\\012/')\"");
    check_word("\x1b%'\"\xff", "\"$(printf '\\033\\045\\047\\042\\377')\"");
}

int main(void)
{
    TEST(names_have_kinds);
    TEST(a_long_name_is_no_epochs);
    TEST(run_conf_is_read_with_defaults);
    TEST(a_run_begins_with_a_fork_with_weights_or_with_neither);
    TEST(a_wrong_run_conf_is_refused);
    TEST(pins_are_names_of_checkpoints);
    TEST(an_evaluation_is_of_one_checkpoint);
    TEST(figures_that_cannot_be_are_refused);
    TEST(words_are_quoted_where_the_shell_would_change_them);
    return unit_finish();
}
