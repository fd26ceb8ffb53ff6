# Which trials have an epoch, and have not failed: awk -f records.awk -f finished.awk RECORDS

"failed" in field { failed[value("trial")]; next }
!(value("trial") in seen) { seen[value("trial")]; trial[++n] = value("trial") }
END {
    for (i = 1; i <= n; i++)
        if (!(trial[i] in failed))
            print trial[i]
}
