# What a run comes to, in one row: awk -v number=1 -v wanted=6 -v best=5 -f records.awk -f html.awk -f summary.awk data.tsv epochs
#
# best is the epoch that judge.awk chose, or "none"; then the last one counts. $run_name and $model, which may be anything, are
# its name and its model's; $label is a short name.

BEGIN {
    n = split("valid.loss valid.accuracy valid.low valid.high valid.n test.loss test.accuracy test.low test.high test.n", columns, " ")
    size = seconds = last = chosen = "none"
}

"count" in field {
    if (value("split") == "train")
        size = value("count")
    if (value("split") == "valid")
        data = value("digest")
    next
}
!("train.loss" in field) { next }
known("seconds") { seconds = (seconds == "none" ? 0 : seconds) + value("seconds") }
{
    last = value("epoch")
    if (best != "none" && value("epoch") != best)
        next
    chosen = value("epoch")
    path = value("path")
    for (i = 1; i <= n; i++)
        metric[i] = value(columns[i])
}

function put(column, text) {
    header = header (header == "" ? "#" : "\t") column
    row = row (row == "" ? "" : "\t") (text == "" ? "none" : text)
}

END {
    put("number", number)
    put("run", ENVIRON["run_name"])
    put("label", ENVIRON["label"])
    put("model", ENVIRON["model"])
    put("size", size)
    put("wanted", wanted)
    put("last", last)
    put("best", best)
    put("chosen", chosen)
    put("path", path)
    put("seconds", seconds)
    put("valid.data", data)
    for (i = 1; i <= n; i++)
        put(columns[i], metric[i])
    print header
    print row
}
