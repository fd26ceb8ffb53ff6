# What metrics.tsv says of how training goes: a pure function of it. awk -v patience=N -v tell=EPOCH -f records.awk -f judge.awk metrics.tsv
#
# Prints:
#
#     stop    the epoch after which to stop: the first that comes `patience` or more after the best of those up to it; "none": go on
#     told    the epoch `tell` in words, beside those before it
#     best    the best epoch; "none" where none has a validation accuracy
#     choice  the best checkpoint in words, else the last
#
# Ends with 3 if that was not all of it, from stdin. Only validation decides; what is said of the test set decides nothing.

BEGIN {
    OFS = " "
    stop = best_epoch = "none"
}

function known(column) { return value(column) ~ /^[0-9]/ }

function in_words(column, words) { return known(column) ? sprintf("%s %.4f", words, value(column)) : "" }

function join(a, b) { return a == "" || b == "" ? a b : a ", " b }

function validation() {
    if (best == "")
        return in_words("valid.accuracy", "validation accuracy")
    if (value("valid.accuracy") + 0 > best)
        return sprintf("validation accuracy improved from %.4f to %.4f", best, value("valid.accuracy"))
    return sprintf("validation accuracy did not improve: %.4f, after %.4f in epoch %d", value("valid.accuracy"), best, best_epoch)
}

{
    epoch = value("epoch")
    if (epoch == tell)
        told = "epoch " epoch ": " join(join(in_words("train.loss", "training loss"), \
            known("valid.accuracy") ? validation() : ""), in_words("test.accuracy", "test accuracy"))
    if (known("valid.accuracy") && (best == "" || value("valid.accuracy") + 0 > best)) {
        best = value("valid.accuracy") + 0
        best_epoch = epoch
        choice = value("path") " is the best, with " in_words("valid.accuracy", "validation accuracy")
    }
    if (best == "")
        choice = value("path") " is the last"
    if (patience > 0 && stop == "none" && known("valid.accuracy") && epoch - best_epoch >= patience)
        stop = epoch
}
END {
    if (!whole)
        exit 3
    print "stop", stop
    print "told", told
    print "best", best_epoch
    print "choice", choice
}
