# The best checkpoint in words, with what its trial was trained with: awk -v path=TRIAL/FILE -v metric=NAME -f records.awk -f best.awk trials.tsv RECORDS

BEGIN {
    owner = file = path
    sub(/\/.*/, "", owner)
    sub(/.*\//, "", file)
}
value("trial") != owner { next }
!("path" in field) && !("failed" in field) {
    for (name in field)
        column[field[name]] = name
    for (i = 1; i <= NF; i++)
        if (column[i] != "trial" && $i != "none")
            settings = settings " " column[i] "=" $i
}
value("path") == file { words = "epoch " value("epoch") ", " metric " " sprintf("%.4f", value(metric)) }
END { print path " is the best: " words (settings == "" ? "" : ", with" settings) }
