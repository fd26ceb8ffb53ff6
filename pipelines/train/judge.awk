# What metrics.tsv says of how training goes: a pure function of it. awk -v patience=N -v tell=EPOCH -f judge.awk metrics.tsv
#
# Prints four lines:
#     the epoch after which to stop: the first that comes `patience` or more after the best of those up to it ("none": go on)
#     the epoch `tell` in words, beside those before it
#     the best epoch ("none" where none has a validation accuracy)
#     the best checkpoint in words, else the last
# Only validation decides; what is said of the test set decides nothing.

BEGIN {
    FS = "\t"
    stop = best_epoch = "none"
}

function known(column) { return $field[column] ~ /^[0-9]/ }

function in_words(column, words) { return known(column) ? sprintf("%s %.4f", words, $field[column]) : "" }

function join(a, b) { return a == "" || b == "" ? a b : a ", " b }

function validation() {
    if (best == "")
        return in_words("valid.accuracy", "validation accuracy")
    if ($field["valid.accuracy"] + 0 > best)
        return sprintf("validation accuracy improved from %.4f to %.4f", best, $field["valid.accuracy"])
    return sprintf("validation accuracy did not improve: %.4f, after %.4f in epoch %d", $field["valid.accuracy"], best, best_epoch)
}

/^#/ {
    for (i = 1; i <= NF; i++)
        field[i == 1 ? substr($i, 2) : $i] = i
    next
}
{
    epoch = $field["epoch"]
    if (epoch == tell)
        told = "epoch " epoch ": " join(join(in_words("train.loss", "training loss"), \
            known("valid.accuracy") ? validation() : ""), in_words("test.accuracy", "test accuracy"))
    if (known("valid.accuracy") && (best == "" || $field["valid.accuracy"] + 0 > best)) {
        best = $field["valid.accuracy"] + 0
        best_epoch = epoch
        choice = $field["path"] " is the best, with " in_words("valid.accuracy", "validation accuracy")
    }
    if (best == "")
        choice = $field["path"] " is the last"
    if (patience > 0 && stop == "none" && known("valid.accuracy") && epoch - best_epoch >= patience)
        stop = epoch
}
END {
    print stop
    print told
    print best_epoch
    print choice
}
