# What is taken for what: awk -f records.awk -f html.awk -f confusion.awk records of nn-eval -c
#
# With -v say=words, the commonest mistakes in a sentence. Of many classes the table would be no help, and there is only that.

BEGIN { most = 40 }

"predicted" in field {
    cell[value("label"), value("predicted")] = value("n")
    if (value("label") != value("predicted") && value("n") > 0) {
        mistakes[++m] = value("n") + 0
        label[m] = value("label")
        predicted[m] = value("predicted")
        worst = value("n") > worst ? value("n") + 0 : worst
    }
    next
}
"recall" in field {
    class[++classes] = value("label")
    of[classes] = value("n")
    recall[classes] = value("recall")
    precision[classes] = value("precision")
}

function rounded(text) { return is_number(text) ? sprintf("%.0f\302\240%%", 100 * text) : "\342\200\223" }

# The darkest of the right ones is the largest class, of the mistakes the commonest: else none of those could be seen.
function put_cell(i, j, number, strength) {
    number = cell[class[i], class[j]] + 0
    strength = i == j ? (of[i] > 0 ? number / of[i] : 0) : (worst > 0 ? number / worst : 0)
    return "<td class=\"" (i == j ? "right" : number > 0 ? "wrong" : "nothing") "\"" \
        (number > 0 ? sprintf(" style=\"--s:%.2f\"", strength) : "") ">" count(number) "</td>"
}

function table(i, j) {
    print "<thead><tr><td rowspan=\"2\"></td><th scope=\"colgroup\" colspan=\"" classes "\">taken for</th><td></td></tr>\n<tr>"
    for (i = 1; i <= classes; i++)
        print "<th scope=\"col\">" html(class_name(class[i])) "</th>"
    print "<th scope=\"col\">recall</th></tr></thead>\n<tbody>"
    for (i = 1; i <= classes; i++) {
        print "<tr><th scope=\"row\">" html(class_name(class[i])) "</th>"
        for (j = 1; j <= classes; j++)
            print put_cell(i, j)
        print "<td class=\"margin\">" rounded(recall[i]) "</td></tr>"
    }
    print "</tbody>\n<tfoot><tr><th scope=\"row\">precision</th>"
    for (i = 1; i <= classes; i++)
        print "<td class=\"margin\">" rounded(precision[i]) "</td>"
    print "<td></td></tr></tfoot>"
}

function in_sentence(text, k, i, next_one) {
    for (k = 1; k <= 3; k++) {
        next_one = 0
        for (i = 1; i <= m; i++)
            if (!(i in told) && (next_one == 0 || mistakes[i] > mistakes[next_one]))
                next_one = i
        if (next_one == 0)
            break
        told[next_one]
        text = text (k == 1 ? "" : "; ") class_name(label[next_one]) " for " class_name(predicted[next_one]) ", " \
            (mistakes[next_one] == 1 ? "once" : count(mistakes[next_one]) " times")
    }
    if (text == "")
        return "There is no mistake."
    return "Most often it takes " html(text) "." (classes > most ? " There are too many classes for a table." : "")
}

END {
    if (say)
        print in_sentence()
    else if (classes <= most)
        table()
}
