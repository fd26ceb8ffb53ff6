# What metrics.tsv says of how training goes: a pure function of it.
#
#     awk -v patience=N -v tell=EPOCH -f records.awk -f patience.awk -f judge.awk metrics.tsv
#
# Prints:
#
#     stop    the epoch after which to stop, as patience has it; "none": go on
#     told    the epoch `tell` in words, beside those before it
#     best    the best epoch; "none" where none has a validation accuracy
#     choice  the best checkpoint in words, else the last
#
# Ends with 3 if that was not all of it, from stdin. Only validation decides; what is said of the test set decides nothing.

BEGIN { OFS = " " }

function in_words(column, words) { return known(value(column)) ? sprintf("%s %.4f", words, value(column)) : "" }

function join(a, b) { return a == "" || b == "" ? a b : a ", " b }

function validation(accuracy) {
    if (!known(accuracy))
        return ""
    if (!("" in best))
        return in_words("valid.accuracy", "validation accuracy")
    if (is_better("", accuracy))
        return sprintf("validation accuracy improved from %.4f to %.4f", best[""], accuracy)
    return sprintf("validation accuracy did not improve: %.4f, after %.4f in epoch %d", accuracy, best[""], best_epoch[""])
}

{
    epoch = value("epoch")
    accuracy = value("valid.accuracy")
    if (epoch == tell)
        told = "epoch " epoch ": " join(join(in_words("train.loss", "training loss"), validation(accuracy)), \
            in_words("test.accuracy", "test accuracy"))
    if (is_better("", accuracy))
        choice = value("path") " is the best, with " in_words("valid.accuracy", "validation accuracy")
    judge("", epoch, accuracy, patience)
    if (!("" in best))
        choice = value("path") " is the last"
}
END {
    if (!whole)
        exit 3
    print "stop", "" in stop ? stop[""] : "none"
    print "told", told
    print "best", "" in best ? best_epoch[""] : "none"
    print "choice", choice
}
