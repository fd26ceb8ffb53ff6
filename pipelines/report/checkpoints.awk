# The chain of checkpoints: awk -v chosen=6 -f records.awk -f html.awk -f checkpoints.awk pruned.tsv checks
#
# checks are the records of ckpt-verify on the run, which has judged the chain; pruned.tsv has those that went, and why. With -v say=words,
# what they come to in a sentence.

function file_of(path) { sub(/.*\//, "", path); return path }

function add(epoch, what, why, place) {
    n++
    epochs[n] = epoch
    file[n] = file_of(value("path"))
    state[n] = what
    reason[n] = why == "none" ? "" : why
    digest[n] = value("digest")
    parent[n] = value("parent")
    for (place = n; place > 1 && epochs[order[place - 1]] + 0 > epoch + 0; place--)
        order[place] = order[place - 1]
    order[place] = n
    total[what]++
}

"state" in field {
    if (value("kind") == "checkpoint" || value("kind") == "partial")
        add(value("epoch"), value("state"), value("reason"))
    else if (value("state") !~ /proven|kept|ignored/)
        others++
    next
}
"digest" in field { add(value("epoch"), "pruned", value("reason")) }

# The parent is told where it is not the one above.
function row(i, above, note) {
    note = html(reason[i])
    if (parent[i] != above && parent[i] != "none")
        note = note (note == "" ? "" : "; ") "parent <code>" html(parent[i]) "</code>"
    print row_head(html(file[i]), epochs[i] == chosen) "<td class=\"" (state[i] ~ /^(proven|pruned)$/ ? "fine" : "bad") "\">" \
        html(state[i]) "</td><td class=\"text\">" note \
        "</td><td class=\"text\"><code>" html(digest[i]) "</code></td></tr>"
}

function in_sentence(text, what) {
    text = some(total["proven"], "checkpoint is", "checkpoints are") " there and proven: the digest is that of the bytes, and the " \
        "parent the one before it."
    if (total["pruned"])
        text = text " " some(total["pruned"], "was", "were") " pruned, and " (total["pruned"] == 1 ? "is" : "are") " known by " \
            (total["pruned"] == 1 ? "its tombstone." : "their tombstones.")
    else
        text = text " None was pruned."
    for (what in total)
        if (what != "proven" && what != "pruned")
            bad += total[what]
    if (bad)
        text = text " <strong>" some(bad, "is", "are") " not in order.</strong>"
    if (others)
        text = text " <strong>Of the other files " some(others, "is", "are") " not in order;</strong> <code>ckpt-verify</code> says which."
    return text
}

END {
    if (say) {
        print "<p>" in_sentence() "</p>"
        exit
    }
    if (n == 0)
        exit
    print "<thead><tr>" column_head("checkpoint") column_head("state") column_head("why") column_head("digest") "</tr></thead>\n<tbody>"
    for (place = 1; place <= n; place++)
        row(order[place], place > 1 ? digest[order[place - 1]] : "none")
    print "</tbody>"
}
