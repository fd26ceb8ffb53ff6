# The answer, in words and a few numbers: awk -v every=1 -f records.awk -f html.awk -f overview.awk summary epochs
#
# How well, from which epoch, how sure, and whether it still gets better. Only validation decides, as in judge.awk.

"size" in field {
    for (name in field)
        run[name] = value(name)
    next
}
{
    n++
    epoch[n] = value("epoch")
    accuracy[n] = known("valid.accuracy") ? value("valid.accuracy") : ""
    loss[n] = known("valid.loss") ? value("valid.loss") : ""
    training[n] = known("train.loss") ? value("train.loss") : ""
}

function has(column) { return is_number(run[column]) }

function interval(set) {
    return has(set ".low") ? sprintf("95\302\240%% interval %s to %s", points(run[set ".low"]), percent(run[set ".high"])) : ""
}

function answer(set, brackets) {
    set = has("valid.accuracy") ? "valid" : has("test.accuracy") ? "test" : ""
    if (set == "")
        return "Epoch " run["chosen"] " is the last, and how well it does has not been measured."
    brackets = interval(set) == "" ? "" : " (" interval(set) ", on " count(run[set ".n"]) " pictures)"
    return "<strong>" percent(run[set ".accuracy"]) "</strong> " (set == "valid" ? "validation" : "test") " accuracy after epoch " \
        run["chosen"] (run["best"] != "none" ? ", the best of " some(n, "epoch", "epochs") : ", the last") brackets "."
}

# How it went on from the best epoch.
function direction(i, before, gain) {
    for (i = 1; i < n && epoch[i] != run["best"]; i++)
        before = accuracy[i] != "" && (before == "" || accuracy[i] + 0 > before + 0) ? accuracy[i] : before
    if (i < n)
        return "It no longer improves: " (n - i == 1 ? "the epoch after that one is not better." \
            : "none of the " n - i " epochs after that one is better.")
    if (before == "")
        return "After one epoch nobody can say where it goes."
    gain = accuracy[i] - before
    return "It was still improving at its end: the last epoch is the best, by " points(gain) " points" \
        (has("valid.high") && gain < (run["valid.high"] - run["valid.low"]) / 2 ? ", which is less than the interval leaves open." : ".")
}

# The validation loss rises while that of training falls.
function by_heart(i, least) {
    for (i = 1; i <= n; i++)
        if (loss[i] != "" && (least == "" || loss[i] + 0 < loss[least] + 0))
            least = i
    if (least == "" || least == n || loss[n] == "" || loss[n] < 1.02 * loss[least] || training[n] + 0 >= training[least] + 0)
        return ""
    return sprintf(" Since epoch %s the validation loss has risen from %.4f to %.4f while the training loss went on falling: ", \
        epoch[least], loss[least], loss[n]) "it begins to learn by heart."
}

function progress() {
    return run["last"] + 0 < run["wanted"] + 0 ? " Of " some(run["wanted"], "epoch", "epochs") " that it is to have, " run["last"] + 0 " " \
        (run["last"] == 1 ? "is" : "are") " done." : ""
}

function fact(name, text, note) {
    print "<div><dt>" name "</dt><dd>" text (note == "" ? "" : " <small>" note "</small>") "</dd></div>"
}

END {
    if (n == 0) {
        lack("No epoch of this run has been finished and measured yet, so there is nothing to show of how it goes.")
        exit
    }
    print "<p class=\"answer\">" answer() "</p>"
    print "<p>" (run["best"] != "none" ? direction() by_heart() : "There is no validation set to choose by, so the last epoch counts.") \
        progress() "</p>"
    print "<dl class=\"facts\">"
    if (has("test.accuracy") && has("valid.accuracy"))
        fact("Test accuracy", percent(run["test.accuracy"]), interval("test"))
    fact("Checkpoint", html(run["path"]))
    if (has("size"))
        fact("Trained on", count(run["size"]) " pictures")
    if (has("seconds"))
        fact("Time", duration(run["seconds"]), duration(run["seconds"] / (n * every)) " an epoch")
    fact("Model", html(run["model"]))
    print "</dl>"
}
