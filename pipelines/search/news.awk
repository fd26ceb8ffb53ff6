# What decisions change, and what is to be done: awk -f records.awk -f news.awk failures.tsv decisions.tsv LATER
#
# The first two may be /dev/null. Prints, tab-separated:
#
#     told    TEXT           for people: a decision that is not in decisions.tsv
#     failed  TEXT
#     run     TRIAL  EPOCHS  those that have failed least often first

BEGIN { OFS = "\t" }

"status" in field { failures[value("trial")]++; next }
"state" in field && FILENAME == "decisions.tsv" { old[$0]; next }
"state" in field {
    far = value("epochs") == "none" || value("state") == "failed" ? "" : " up to epoch " value("epochs")
    text = value("trial") ": " value("state") far ": " value("reason")
    if (!($0 in old))
        print "told", text
    if (value("state") == "failed")
        print "failed", text
    if (value("state") == "run") {
        trial[++n] = value("trial")
        epochs[n] = value("epochs")
        most = failures[trial[n]] > most ? failures[trial[n]] : most + 0
    }
}
END {
    for (times = 0; times <= most; times++)
        for (i = 1; i <= n; i++)
            if (failures[trial[i]] + 0 == times)
                print "run", trial[i], epochs[i]
}
