/* The model text: what is read, how it is written again, and what every mistake is told. */
#include "model-parse.h"

/* How a usage message writes this word. */
#define SGD "optimizer sgd lr=LR [momentum=0] [dampening=0] [nesterov=no] [weight-decay=0]"

static void the_example_is_its_own_canonical_text_but_for_the_variable(void)
{
    CHECK_TEXT(parse("let width=128\n"
                     "input 1 28 28\n"
                     "normalize 0.1307 0.3081\n"
                     "conv 32 3\n"
                     "relu\n"
                     "maxpool 2\n"
                     "dropout 0.25\n"
                     "dense $width\n"
                     "relu\n"
                     "dense 10\n"
                     "loss cross-entropy\n"
                     "train batch=64 epochs=14\n"
                     "optimizer adadelta lr=1.0\n"
                     "schedule step every=1 gamma=0.7\n"),
               "input 1 28 28\n"
               "normalize 0.1307 0.3081\n"
               "conv 32 3\n"
               "relu\n"
               "maxpool 2\n"
               "dropout 0.25\n"
               "dense 128\n"
               "relu\n"
               "dense 10\n"
               "loss cross-entropy\n"
               "train epochs=14\n"
               "optimizer adadelta\n"
               "schedule step gamma=0.7\n");
}

static void statements_and_values_are_those_of_the_text(void)
{
    struct model *model;
    struct error error;
    const struct model_statement *at;

    CHECK(model_parse("let a=1\nlet b=2\n\nconv 32 3 pad=2 # comment\n" RECIPE INPUT "normalize 0 1 2 3\nmaxpool 3\n",
                      "net.model", NULL, 0, &model, &error) == STATUS_OK);
    CHECK_EQUAL(model->count, 7);
    at = model->statements;
    CHECK(at[0].spec->word == WORD_INPUT && at[0].line == 8 && at[0].value_count == 3 && at[0].values[1] == 28);
    CHECK(at[1].spec->word == WORD_NORMALIZE && at[1].value_count == 4 && at[1].values[3] == 3);
    CHECK(at[2].spec->word == WORD_CONV && at[2].line == 4 && at[2].value_count == 5);
    CHECK(at[2].values[0] == 32 && at[2].values[1] == 3 && at[2].values[2] == 1 && at[2].values[3] == 2 &&
          at[2].values[4] == 1);
    CHECK(at[3].spec->word == WORD_MAXPOOL && at[3].values[0] == 3 && at[3].values[1] == 3);
    CHECK(at[4].spec->word == WORD_LOSS_CROSS_ENTROPY && at[4].value_count == 1 && at[4].values[0] == 0);
    CHECK(at[5].spec->word == WORD_TRAIN && at[5].values[0] == 64 && at[5].values[1] == 1);
    CHECK(at[6].spec->word == WORD_OPTIMIZER_ADADELTA && at[6].values[0] == 1 && at[6].values[1] == 0.9 &&
          at[6].values[2] == 1e-6);
    CHECK_EQUAL(model->let_count, 2);
    CHECK_TEXT(model->lets[0], "a");
    CHECK_TEXT(model->lets[1], "b");
    model_free(model);
}

static void the_table_is_indexed_by_word(void)
{
    for (size_t word = 0; word < MODEL_WORDS; word++)
        CHECK_EQUAL(model_words[word].word, word);
}

static void the_defaults_are_those_of_the_page(void)
{
    CHECK_TEXT(parse_layer("conv 8 5 stride=1 pad=0"), "conv 8 5");
    CHECK_TEXT(parse_layer("conv 8 5 pad=1 stride=2"), "conv 8 5 stride=2 pad=1");
    CHECK_TEXT(parse_layer("maxpool 2 stride=2"), "maxpool 2");
    CHECK_TEXT(parse_layer("maxpool 3 stride=2"), "maxpool 3 stride=2");
    CHECK_TEXT(parse(INPUT "loss cross-entropy\ntrain batch=64 epochs=1\noptimizer sgd lr=.5 momentum=0\n"),
               INPUT "loss cross-entropy\ntrain\noptimizer sgd lr=0.5\n");
    CHECK_TEXT(parse(INPUT "loss cross-entropy\ntrain\noptimizer adam lr=0.001 beta1=0.9 beta2=0.999 eps=1e-8\n"),
               INPUT "loss cross-entropy\ntrain\noptimizer adam\n");
    CHECK_TEXT(parse(INPUT RECIPE "schedule constant\n"), INPUT RECIPE);
    CHECK_TEXT(parse(INPUT RECIPE "schedule step every=1 gamma=0.1\n"), INPUT RECIPE "schedule step\n");
}

static void order_blanks_comments_and_spelling_do_not_matter(void)
{
    CHECK_TEXT(parse("# a comment\n\n  schedule\tstep   gamma=7e-1#x\n\ttrain batch=0128\n  dense 10 \n"
                     "optimizer adadelta lr=5e-1 # \xff\xfe\nrelu\nloss cross-entropy\ninput 1 28 28"),
               INPUT "dense 10\nrelu\nloss cross-entropy\ntrain batch=128\noptimizer adadelta lr=0.5\n"
                     "schedule step gamma=0.7\n");
    CHECK_TEXT(parse_layer("dropout -0"), "dropout 0");
    CHECK_TEXT(parse_layer("dropout 0.1000000000000000055"), "dropout 0.1");
}

static void canonical_text_is_a_fixed_point(void)
{
    static const char *const texts[] = {
        INPUT RECIPE,
        "let k=3\nlet kind=adam\n" INPUT "normalize 0.1 0.2 -1e-3 3 1e6 1e-6\nconv 1 $k pad=65536\nmaxpool 2 stride=1\n"
        "loss cross-entropy\ntrain batch=65536 epochs=1000000\noptimizer $kind lr=1e-5 eps=1e-12\nschedule constant",
        INPUT "dropout 0.123456789012345678\ndropout 1e-300\nloss cross-entropy\ntrain\n"
              "optimizer sgd lr=0.30000000000000004 momentum=0.99999999999999988\nschedule step every=7 gamma=1000000",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *once = strdup(parse(texts[i]));
        CHECK(strncmp(once, "input ", 6) == 0);
        CHECK_TEXT(parse(once), once);
        free(once);
    }
}

/* Numbers that are longer in canonical text than as a variable: a line stays within what is read. */
static void the_longest_statement_is_read_again(void)
{
    char *text = malloc(100000), *at = text + sprintf(text, "let d=0.0039062499999999996\ninput 4096 1 1\nnormalize");
    struct model *model, *again;
    struct error error;

    for (int i = 0; i < 4096; i++)
        at += sprintf(at, " -$d $d");
    sprintf(at, "\n" RECIPE);
    CHECK(model_parse(text, "net.model", NULL, 0, &model, &error) == STATUS_OK);
    CHECK(strlen(model->text) > 4096 * 44);
    CHECK(model_parse(model->text, "net.model", NULL, 0, &again, &error) == STATUS_OK);
    CHECK_TEXT(again->text, model->text);
    model_free(model);
    model_free(again);
    free(text);
}

static void variables_stand_inside_any_token(void)
{
    CHECK_TEXT(parse_layer("let n=3\nlet m=$n$n\nconv $m $n pad=$n"), "conv 33 3 pad=3");
    CHECK_TEXT(parse_layer("let layer=dens\n${layer} 3"), "65 net.model:3: '$': a variable's name must follow it");
    CHECK_TEXT(parse_layer("let layer=den\nlet e_2=se\n$layer$e_2 3"), "dense 3");
    CHECK_TEXT(parse_layer("let a=7\ndense 1$a.0"), "65 net.model:3: dense: '17.0': not a whole number");
    CHECK_TEXT(parse_layer("let p=pad=1\nconv 8 3 $p"), "conv 8 3 pad=1");
}

static void mistakes_with_variables_are_refused(void)
{
    CHECK_TEXT(parse_layer("let width=3\ndense $widht"),
               "65 net.model:3: dense: $widht: no such variable in the lines above; there is only width");
    CHECK_TEXT(parse_layer("dense $w\nlet w=3"), "65 net.model:2: dense: $w: no such variable in the lines above");
    CHECK_TEXT(parse_layer("let a=1\nlet b=2\ndense $width"),
               "65 net.model:4: dense: $width: no such variable in the lines above; there are a, b");
    CHECK_TEXT(parse_layer("let w=3\nlet w=3"), "65 net.model:3: let: w=3: line 2 has defined it already");
    CHECK_TEXT(parse_layer("let w=$w"), "65 net.model:2: let: $w: no such variable in the lines above");
    for (const char *const *bad = (const char *const[]){ "let", "let w", "let w=", "let =3", "let 3w=3", "let w = 3",
                                                         "let w-h=3", "let w.h=3", "let _w=3", NULL };
         *bad; bad++)
        CHECK_TEXT(parse_layer(*bad),
                   "65 net.model:2: let: it is 'let NAME=VALUE', the name of letters, digits and underscores");
    CHECK_TEXT(parse_layer("dense $"), "65 net.model:2: dense: '$': a variable's name must follow it");
}

static void variables_cannot_grow_without_bound(void)
{
    CHECK_TEXT(parse_layer("let a=0123456789012345678901234567890123456789\nlet b=$a$a$a\nlet c=$b$b"),
               "65 net.model:4: let: a word of more than 128 characters");
}

/* The beginning `first`, and `count` times `more`. */
static char *repeated(const char *first, const char *more, size_t count)
{
    struct text text = { 0 };

    text_string(&text, first);
    for (size_t i = 0; i < count; i++)
        text_format(&text, more, i);
    return text.at;
}

static void there_are_at_most_1000_variables(void)
{
    char *most = repeated("", "let a%zu=1\n", 1000), *more = repeated("", "let a%zu=1\n", 1001);

    CHECK_TEXT(parse(most), "65 net.model: no 'input' statement, such as 'input CHANNELS ROWS COLUMNS'");
    CHECK_TEXT(parse(more), "65 net.model:1001: let: more than 1000 variables");
    free(most);
    free(more);
}

static void a_statement_repeats_its_values_at_most_4096_times(void)
{
    char *most = repeated("normalize", " 0 1", 4096), *more = repeated("normalize", " 0 1", 4097);

    CHECK_TEXT(parse(most), "65 net.model: no 'input' statement, such as 'input CHANNELS ROWS COLUMNS'");
    CHECK_TEXT(parse(more), "65 net.model:1: normalize: more than 4096 groups of values");
    free(most);
    free(more);
}

static void unknown_words_name_the_nearest(void)
{
    CHECK_TEXT(parse_layer("convv 3 3"), "65 net.model:2: convv: no such word; did you mean 'conv'");
    CHECK_TEXT(parse_layer("lett a=3"), "65 net.model:2: lett: no such word; did you mean 'let'");
    CHECK_TEXT(parse_layer("ReLU"), "65 net.model:2: ReLU: no such word; did you mean 'relu'");
    CHECK_TEXT(parse_layer("optimizer sgdd lr=1"),
               "65 net.model:2: optimizer: 'sgdd': no such optimizer; did you mean 'sgd'");
    CHECK_TEXT(parse_layer("optimizer"),
               "65 net.model:2: optimizer: '': no such optimizer; there are sgd, adam, adamw, adadelta, rmsprop");
    CHECK_TEXT(parse_layer("conv 3 3 strid=2"),
               "65 net.model:2: conv: strid=2: no such parameter; there are stride, pad, bias");
    CHECK_TEXT(parse("augment cutout=3"), "65 net.model:1: augment: cutout=3: no such parameter; there are shift, "
                                          "rotate, zoom, shear, elastic, sigma, crop, erase, flip");
    CHECK_TEXT(parse("optimizer Adam"), "65 net.model:1: optimizer: 'Adam': no such optimizer; did you mean 'adam'");
    CHECK_TEXT(parse("precision fp16"),
               "65 net.model:1: precision: 'fp16': no such precision; there are fp32, bf16, tf32");
    CHECK_TEXT(parse_layer("conv 3 3 size=1"),
               "65 net.model:2: conv: size=1: no such parameter; there are stride, pad, bias");
    CHECK_TEXT(parse_layer("relu x=1"), "65 net.model:2: relu: x=1: no such parameter");
}

static void values_out_of_range_are_refused(void)
{
    CHECK_TEXT(parse_layer("conv 8 3 stride=0"), "65 net.model:2: conv: stride=0: must be from 1 to 65536");
    CHECK_TEXT(parse_layer("maxpool 2 stride=0"), "65 net.model:2: maxpool: stride=0: must be from 1 to 65536");
    CHECK_TEXT(parse_layer("conv 0 3"), "65 net.model:2: conv: '0': channels must be from 1 to 65536");
    CHECK_TEXT(parse_layer("conv 65537 3"), "65 net.model:2: conv: '65537': channels must be from 1 to 65536");
    CHECK_TEXT(parse_layer("conv 65536 3"), "conv 65536 3");
    CHECK_TEXT(parse("input 4097 1 1"), "65 net.model:1: input: '4097': channels must be from 1 to 4096");
    CHECK_TEXT(parse_layer("dropout 1"), "65 net.model:2: dropout: '1': rate must be at least 0 and below 1");
    CHECK_TEXT(parse_layer("dropout -0.1"), "65 net.model:2: dropout: '-0.1': rate must be at least 0 and below 1");
    CHECK_TEXT(parse("optimizer sgd lr=0"), "65 net.model:1: optimizer: lr=0: must be above 0 and at most 1000000");
    CHECK_TEXT(parse("optimizer sgd lr=1 momentum=1"),
               "65 net.model:1: optimizer: momentum=1: must be at least 0 and below 1");
    CHECK_TEXT(parse("normalize 0 0"), "65 net.model:1: normalize: '0': deviation must be from 1e-06 to 1000000");
    CHECK_TEXT(parse("schedule step gamma=-1"),
               "65 net.model:1: schedule: gamma=-1: must be above 0 and at most 1000000");
    CHECK_TEXT(parse("train batch=65537"), "65 net.model:1: train: batch=65537: must be from 1 to 65536");
    CHECK_TEXT(parse("train batch=0"), "65 net.model:1: train: batch=0: must be from 1 to 65536");
    CHECK_TEXT(parse("optimizer sgd lr=-1"), "65 net.model:1: optimizer: lr=-1: must be above 0 and at most 1000000");
    CHECK_TEXT(parse_layer("dropout 1.0"), "65 net.model:2: dropout: '1.0': rate must be at least 0 and below 1");
    CHECK_TEXT(parse("ema 0"), "65 net.model:1: ema: '0': decay must be above 0 and below 1");
}

static void what_is_no_number_is_refused(void)
{
    CHECK_TEXT(parse_layer("dense ten"), "65 net.model:2: dense: 'ten': not a whole number");
    for (const char *const *bad =
             (const char *const[]){ "1.5", "-3", "+3", "1e3", "0x10", "3,", "18446744073709551616", NULL };
         *bad; bad++) {
        char line[64], message[128];
        snprintf(line, sizeof line, "dense %s", *bad);
        snprintf(message, sizeof message, "65 net.model:2: dense: '%s': not a whole number", *bad);
        CHECK_TEXT(parse_layer(line), message);
    }
    CHECK_TEXT(parse_layer("dropout nan"), "65 net.model:2: dropout: 'nan': not a number");
    CHECK_TEXT(parse_layer("dropout inf"), "65 net.model:2: dropout: 'inf': not a number");
    CHECK_TEXT(parse_layer("dropout 0,5"), "65 net.model:2: dropout: '0,5': not a number");
    CHECK_TEXT(parse_layer("conv 3 3 pad="), "65 net.model:2: conv: pad=: not a whole number");
    CHECK_TEXT(parse("optimizer adam lr=0x1"), "65 net.model:1: optimizer: lr=0x1: not a number");
    CHECK_TEXT(parse("optimizer adam lr=1e999"), "65 net.model:1: optimizer: lr=1e999: not a number");
}

static void the_wrong_number_of_values_is_refused(void)
{
    CHECK_TEXT(parse_layer("conv 8"),
               "65 net.model:2: conv: 1 value by position; it is 'conv CHANNELS KERNEL [stride=1] [pad=0] [bias=yes]'");
    CHECK_TEXT(
        parse_layer("conv 8 3 1"),
        "65 net.model:2: conv: 3 values by position; it is 'conv CHANNELS KERNEL [stride=1] [pad=0] [bias=yes]'");
    CHECK_TEXT(
        parse_layer("conv channels=8 kernel=3"),
        "65 net.model:2: conv: 0 values by position; it is 'conv CHANNELS KERNEL [stride=1] [pad=0] [bias=yes]'");
    CHECK_TEXT(parse_layer("conv 8 3 kernel=3"),
               "65 net.model:2: conv: kernel=3: no such parameter; there are stride, pad, bias");
    CHECK_TEXT(parse_layer("conv 8 3 pad=1 2"),
               "65 net.model:2: conv: '2': not name=value; it is 'conv CHANNELS KERNEL [stride=1] [pad=0] [bias=yes]'");
    CHECK_TEXT(parse_layer("conv 8 3 pad=1 pad=1"), "65 net.model:2: conv: pad=1: it is given twice");
    CHECK_TEXT(parse_layer("relu 1"), "65 net.model:2: relu: 1 value by position; it is 'relu'");
    CHECK_TEXT(parse_layer("maxpool"),
               "65 net.model:2: maxpool: 0 values by position; it is 'maxpool SIZE [stride=SIZE]'");
    CHECK_TEXT(parse("normalize"),
               "65 net.model:1: normalize: 0 values by position; it is 'normalize MEAN DEVIATION ...'");
    CHECK_TEXT(parse("normalize 1 2 3"),
               "65 net.model:1: normalize: 3 values by position; it is 'normalize MEAN DEVIATION ...'");
    CHECK_TEXT(parse("optimizer sgd 0.1"), "65 net.model:1: optimizer: 1 value by position; it is '" SGD "'");
    CHECK_TEXT(parse("optimizer sgd\n" INPUT "train\nloss cross-entropy"),
               "65 net.model:1: optimizer: lr is missing; it is '" SGD "'");
}

static void what_must_be_there_once_must_be_there_once(void)
{
    CHECK_TEXT(parse(""), "65 net.model: no 'input' statement, such as 'input CHANNELS ROWS COLUMNS'");
    CHECK_TEXT(parse(INPUT "train\noptimizer adam"),
               "65 net.model: no 'loss' statement, such as 'loss cross-entropy [smoothing=0]'");
    CHECK_TEXT(parse(INPUT "loss cross-entropy\noptimizer adam"),
               "65 net.model: no 'train' statement, such as 'train [batch=64] [epochs=1]'");
    CHECK_TEXT(parse(INPUT "loss cross-entropy\ntrain"), "65 net.model: no 'optimizer' statement, such as '" SGD "'");
    CHECK_TEXT(parse(INPUT RECIPE INPUT), "65 net.model:5: input: line 1 has such a statement already");
    CHECK_TEXT(parse(RECIPE "optimizer sgd lr=1"), "65 net.model:4: optimizer: line 3 has such a statement already");
}

static void strange_bytes_are_refused(void)
{
    char *text = malloc(300000);

    CHECK_TEXT(parse("input 1\r\n"), "65 net.model:1: lines end in CR LF; \"tr -d '\\r'\" makes it a text");
    CHECK_TEXT(parse("input 1\rrelu\n"), "65 net.model:1: a control character (0x0d)");
    CHECK_TEXT(parse("# \033[2J\n"), "65 net.model:1: a control character (0x1b)");
    CHECK_TEXT(parse("\nconv \xc3\xa9\n"),
               "65 net.model:2: a character outside of ASCII (0xc3), which only comments may have");
    CHECK_TEXT(parse(INPUT "dense 3 # caf\xc3\xa9\n" RECIPE), INPUT "dense 3\n" RECIPE);
    memset(text, '#', 299999);
    text[299999] = '\0';
    CHECK_TEXT(parse(text), "65 net.model:1: a line of more than 262144 characters");
    text[140] = '\0';
    memset(text, 'a', 140);
    CHECK_TEXT(parse(text), "65 net.model:1: a word of more than 128 characters");
    free(text);
}

static void settings_override_variables_and_parameters(void)
{
    static const char text[] =
        "let width=128\nlet twice=$width$width\n" INPUT "dense $width\ndropout 0.5\ndense $twice\nmaxpool 2\n" RECIPE;

    CHECK_TEXT(set(text, "width=7"), INPUT "dense 7\ndropout 0.5\ndense 77\nmaxpool 2\n" RECIPE);
    CHECK_TEXT(set("let unused=x\n" INPUT RECIPE, "unused=y"), INPUT RECIPE);
    CHECK_TEXT(set(INPUT RECIPE, "input.rows=3"), "input 1 3 28\n" RECIPE);
    CHECK_TEXT(set(INPUT "dropout 0.5\n" RECIPE, "dropout.rate=0.1"), INPUT "dropout 0.1\n" RECIPE);
    CHECK_TEXT(set(INPUT RECIPE, "optimizer.lr=0.01"), INPUT "loss cross-entropy\ntrain\noptimizer adadelta lr=0.01\n");
    CHECK_TEXT(set(INPUT "maxpool 2\n" RECIPE, "maxpool.size=3"), INPUT "maxpool 3\n" RECIPE);
    CHECK_TEXT(set(INPUT "maxpool 2 stride=2\n" RECIPE, "maxpool.size=3"), INPUT "maxpool 3 stride=2\n" RECIPE);
    CHECK_TEXT(set(INPUT "normalize 1 2\n" RECIPE, "normalize.mean=3"), INPUT "normalize 3 2\n" RECIPE);
    CHECK_TEXT(set(INPUT "loss cross-entropy\ntrain\noptimizer sgd\n", "optimizer.lr=1"),
               INPUT "loss cross-entropy\ntrain\noptimizer sgd lr=1\n");
}

static void the_order_of_settings_does_not_matter(void)
{
    static const char text[] = "let a=1\n" INPUT "dense $a\n" RECIPE "schedule step\n";
    char *once = strdup(parse4(text, "a=2", "train.batch=8", "schedule.gamma=0.5", "optimizer.rho=0.5"));

    CHECK_TEXT(once, INPUT "dense 2\nloss cross-entropy\ntrain batch=8\noptimizer adadelta rho=0.5\n"
                           "schedule step gamma=0.5\n");
    CHECK_TEXT(parse4(text, "optimizer.rho=0.5", "schedule.gamma=0.5", "train.batch=8", "a=2"), once);
    free(once);
}

static void wrong_settings_are_wrong_usage(void)
{
    static const char text[] = "let width=128\n" INPUT "dense $width\ndropout 0.5\ndropout 0.5\n" RECIPE;

    CHECK_TEXT(set(text, "width"), "64 net.model: 'width': a setting is name=value");
    CHECK_TEXT(set(text, "=3"), "64 net.model: '=3': a setting is name=value");
    CHECK_TEXT(parse4(text, "width=3", "train.batch=3", "width=3", NULL), "64 net.model: width=3: it is set twice");
    CHECK_TEXT(set(text, "widht=3"), "64 net.model: widht=3: no such variable; there is only width");
    CHECK_TEXT(set(text, "lr=3"), "64 net.model: lr=3: no such variable; did you mean 'optimizer.lr'");
    CHECK_TEXT(set(text, "something=3"), "64 net.model: something=3: no such variable; there is only width");
    CHECK_TEXT(set(text, "optimiser.lr=3"),
               "64 net.model: optimiser.lr=3: no such statement; did you mean 'optimizer'");
    CHECK_TEXT(set(text, "conv.stride=3"), "64 net.model: conv.stride=3: no such statement; "
                                           "there are input, dense, dropout, loss, train, optimizer");
    CHECK_TEXT(set(text, "optimizer.rh=3"),
               "64 net.model: optimizer.rh=3: no such parameter; there are lr, rho, eps, weight-decay");
    CHECK_TEXT(set(text, "optimizer.momentum=3"),
               "64 net.model: optimizer.momentum=3: no such parameter; there are lr, rho, eps, weight-decay");
    CHECK_TEXT(set(text, "optimizer.=3"),
               "64 net.model: optimizer.=3: no such parameter; there are lr, rho, eps, weight-decay");
    CHECK_TEXT(set(text, ".lr=3"), "64 net.model: .lr=3: no such statement; "
                                   "there are input, dense, dropout, loss, train, optimizer");
    CHECK_TEXT(set(text, "optimizer.kind=adam"), "64 net.model: optimizer.kind=adam: the kind is no setting; "
                                                 "a variable in the text can be it ('optimizer $kind')");
    CHECK_TEXT(set(text, "schedule=cosine"), "64 net.model: schedule=cosine: the kind is no setting; "
                                             "a variable in the text can be it ('schedule $kind')");
    CHECK_TEXT(set(text, "precision.kind=bf16"), "64 net.model: precision.kind=bf16: the kind is no setting; "
                                                 "a variable in the text can be it ('precision $kind')");
    CHECK_TEXT(set(text, "dropout.rate=0.1"), "64 net.model: dropout.rate=0.1: 'dropout' occurs 2 times; "
                                              "a variable in the text ('let') can set each");
    CHECK_TEXT(set("normalize 1 2 3 4 5 6\n" INPUT RECIPE, "normalize.mean=1"),
               "64 net.model: normalize.mean=1: 'mean' occurs 3 times; a variable in the text ('let') can set each");
    CHECK_TEXT(set(text, "train.batch=0"), "64 net.model: train.batch=0: must be from 1 to 65536");
    CHECK_TEXT(set(text, "train.batch=x"), "64 net.model: train.batch=x: not a whole number");
    CHECK_TEXT(set(text, "train.batch="), "64 net.model: train.batch=: not a whole number");
}

static void a_wrong_value_from_a_setting_is_wrong_usage(void)
{
    static const char text[] = "let w=128\nlet v=$w\n" INPUT "dense $v\ndense 1x\n" RECIPE;

    CHECK_TEXT(set(text, "w=ten"), "64 net.model:4: dense: 'ten': not a whole number");
    CHECK_TEXT(set(text, "w=10"), "65 net.model:5: dense: '1x': not a whole number");
    CHECK_TEXT(set(text, "w=1 relu"), "64 net.model:4: dense: '1 relu': not a whole number");
    CHECK_TEXT(set(text, "w=$w"), "64 net.model:4: dense: '$w': not a whole number");
}

static void files_are_read(void)
{
    struct model *model;
    struct error error;
    char *path, *large = calloc(1, (1 << 20) + 1);
    FILE *file;

    if (asprintf(&path, "%s/net.model", unit_directory()) < 0)
        abort();
    CHECK_EQUAL(model_read(path, NULL, 0, &model, &error), STATUS_NO_INPUT);
    file = fopen(path, "w");
    fwrite(INPUT RECIPE, 1, strlen(INPUT RECIPE), file);
    fclose(file);
    CHECK_EQUAL(model_read(path, NULL, 0, &model, &error), STATUS_OK);
    CHECK_TEXT(model->text, INPUT RECIPE);
    model_free(model);
    file = fopen(path, "w");
    fwrite(INPUT "\0" RECIPE, 1, strlen(INPUT) + 1 + strlen(RECIPE), file);
    fclose(file);
    CHECK_EQUAL(model_read(path, NULL, 0, &model, &error), STATUS_DATA);
    CHECK(model == NULL && strstr(error.text, "net.model: read: it contains a NUL byte"));
    file = fopen(path, "w");
    fclose(file);
    CHECK_EQUAL(model_read(path, NULL, 0, &model, &error), STATUS_DATA);
    file = fopen(path, "w");
    fwrite(memset(large, '\n', (1 << 20) + 1), 1, (1 << 20) + 1, file);
    fclose(file);
    CHECK_EQUAL(model_read(path, NULL, 0, &model, &error), STATUS_DATA);
    CHECK(strstr(error.text, "net.model: read: more than 1048576 bytes, which is no model text") != NULL);
    free(large);
    free(path);
}

static void every_beginning_of_a_text_is_read_or_refused(void)
{
    static const char text[] =
        "let w=1$\nlet k=3\n" INPUT "conv $k $k pad=1 # x\nmaxpool $w\n" RECIPE "schedule step\n";
    char beginning[sizeof text];

    for (size_t length = 0; length < sizeof text; length++) {
        memcpy(beginning, text, length);
        beginning[length] = '\0';
        parse(beginning);
    }
    CHECK(true);
}

int main(void)
{
    TEST(the_example_is_its_own_canonical_text_but_for_the_variable);
    TEST(statements_and_values_are_those_of_the_text);
    TEST(the_table_is_indexed_by_word);
    TEST(the_defaults_are_those_of_the_page);
    TEST(order_blanks_comments_and_spelling_do_not_matter);
    TEST(canonical_text_is_a_fixed_point);
    TEST(the_longest_statement_is_read_again);
    TEST(variables_stand_inside_any_token);
    TEST(mistakes_with_variables_are_refused);
    TEST(variables_cannot_grow_without_bound);
    TEST(there_are_at_most_1000_variables);
    TEST(a_statement_repeats_its_values_at_most_4096_times);
    TEST(unknown_words_name_the_nearest);
    TEST(values_out_of_range_are_refused);
    TEST(what_is_no_number_is_refused);
    TEST(the_wrong_number_of_values_is_refused);
    TEST(what_must_be_there_once_must_be_there_once);
    TEST(strange_bytes_are_refused);
    TEST(settings_override_variables_and_parameters);
    TEST(the_order_of_settings_does_not_matter);
    TEST(wrong_settings_are_wrong_usage);
    TEST(a_wrong_value_from_a_setting_is_wrong_usage);
    TEST(files_are_read);
    TEST(every_beginning_of_a_text_is_read_or_refused);
    return unit_finish();
}
