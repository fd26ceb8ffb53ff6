# rote-report: a page says what the runs' files say, stands alone, is the same whenever the runs are, and tells what it lacks.

bats_require_minimum_version 1.5.0
load helpers
load train

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    train -r four epochs=4 keep='-l 1 -b 1'
    train -r more epochs=2 samples=400
    rote-report -o page.html four
    rote-report -o both.html four more
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    PAGE=$BATS_FILE_TMPDIR/page.html BOTH=$BATS_FILE_TMPDIR/both.html
    cp -r "$BATS_FILE_TMPDIR/four" a
}

report() { # OPTION|RUN...
    rote-report "$@" 3>&-
}

# The page of `a` in $output, as a reader sees it: a line a paragraph or row, without figures.
read_page() { # OPTION...
    report "$@" a >page.html
    run -0 text_of page.html
}

text_of() { # PAGE
    python3 - "$1" <<'END'
import html, re, sys
text = open(sys.argv[1], encoding="utf-8").read()
text = re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", text, flags=re.S)
text = re.sub(r"\n(?=<t[dh]|</tr)", "", text)
text = re.sub(r"</t[dh]>|<small>|<br>", " ", text)
print(html.unescape(re.sub(r"<[^>]*>", "", text)).replace("\xa0", " "))
END
}

# value_in FILE EPOCH COLUMN: of records.
value_in() {
    awk -F '\t' -v epoch="$2" -v column="$3" '
        /^#/ { sub(/^#/, ""); for (i = 1; i <= NF; i++) field[$i] = i; next }
        $field["epoch"] == epoch { print $field[column] }' "$1"
}

on_page() { # SCRIPT [-v NAME=VALUE...] FILE...
    local script=$1
    shift
    awk -f "$ROOT/pipelines/train/records.awk" -f "$ROOT/pipelines/report/html.awk" -f "$ROOT/pipelines/report/$script.awk" "$@"
}

# --- The page

@test "a page is whole HTML that stands alone, with a text for every picture" {
    run -0 python3 "$ROOT/tests/report-page.py" "$PAGE"
    run -0 python3 "$ROOT/tests/report-page.py" "$BOTH"
}

@test "it begins with the best epoch, its accuracy, and how sure that is" {
    local best accuracy
    best=$(ckpt-best -j "$BATS_FILE_TMPDIR/four" | sed 's/.*"epoch": *\([0-9]*\).*/\1/')
    accuracy=$(value_in a/metrics.tsv "$best" valid.accuracy)
    run -0 text_of "$PAGE"
    assert_output_has "$(awk "BEGIN { printf \"%.2f\", 100 * $accuracy }") % validation accuracy after epoch $best, the best of 4 epochs (95 % interval "
    assert_output_has ', on 100 pictures).'
    assert_output_has "Checkpointepoch-000$best.safetensors"
    assert_output_has 'Trained on200 pictures'
}

@test "four figures say in words what they show" {
    [ "$(grep -c '^<svg' "$PAGE")" = 4 ]
    local first last
    first=$(value_in a/metrics.tsv 1 valid.loss) last=$(value_in a/metrics.tsv 4 valid.loss)
    grep -q "the validation loss goes from $(printf %.4f "$first") in epoch 1 to $(printf %.4f "$last") in epoch 4" "$PAGE"
    grep -q '<desc id="r1-rate-d">The learning rate is 0.01 all the time.</desc>' "$PAGE"
    grep -q '<desc id="r1-time-d">The epoch that took longest took ' "$PAGE"
}

@test "no colour of a figure is its own: all are the style sheet's" {
    run ! grep -E 'rgb\(|black|white|stroke="#' <(sed '/<style>/,/<\/style>/d' "$PAGE" "$BOTH")
}

@test "the confusion matrix is that of the best checkpoint on the validation set" {
    (cd a && nn-eval -q -c --split valid "$DATA/train@valid.list" "$(ckpt-best .)") >records
    run -0 text_of "$PAGE"
    awk -F '\t' '
        /^#/ { sub(/^#/, ""); split("", f); for (i = 1; i <= NF; i++) f[$i] = i; next }
        f["recall"] { recall[$f["label"]] = sprintf("%.0f %%", 100 * $f["recall"]) }
        f["predicted"] { row[$f["label"]] = row[$f["label"]] " " $f["n"] }
        END { for (i = 0; i < 10; i++) print i row[i] " " recall[i] }' records >rows
    while read -r row; do assert_output_has "$row"; done <rows
    assert_output_has 'on the validation set.'
}

@test "the mistakes of which it was most sure are pictures with what they are" {
    (
        cd a
        nn-predict -q "$(ckpt-best .)" "$DATA/train@valid.list" >../predictions
        idx-show -n --count 12 -p ../predictions -o sheet "$DATA/train@valid.list"
    ) >mistakes
    [ "$(grep -c '^<li><figure>' "$PAGE")" = $(($(wc -l <mistakes) - 1)) ]
    awk -F '\t' 'NR > 1 { print "alt=\"Picture " $3 " of the validation set: of class " $4 ", taken for " $5 "\">" }' mistakes >wanted
    grep -o 'alt="Picture.*' "$PAGE" | cmp - wanted
    (cd a && idx-show -q -b --count 1 -p ../predictions -o ../first.png "$DATA/train@valid.list")
    grep -om1 'base64,[^"]*' "$PAGE" | sed 's/base64,//' | base64 -d | cmp - first.png
}

@test "the recipe is there as it stands in the files" {
    run -0 text_of "$PAGE"
    assert_output_has "$(cat a/run.conf)"
    assert_output_has "$(cat a/net.model)"
}

@test "the chain is there, with what was pruned and why" {
    run -0 text_of "$PAGE"
    assert_output_has ' pruned, and '
    while IFS=$'\t' read -r path digest _ _ _ _ reason; do
        [[ $path == '#'* ]] || assert_output_has "$path pruned $reason $digest"
    done <a/pruned.tsv
    for file in a/epoch-*.safetensors; do
        grep -q "${file#a/}.*proven.*$(ckpt-info "$file" | awk 'NR == 2 { print $2 }')" <<<"$output"
    done
}

@test "the same runs make the same bytes, in any directory and with any shell and awk" {
    local shell
    mkdir elsewhere bin
    cp -r "$BATS_FILE_TMPDIR/four" "$BATS_FILE_TMPDIR/more" elsewhere
    cd elsewhere
    for shell in dash 'bash --posix' 'busybox sh'; do
        case $shell in busybox*) ln -s "$(command -v busybox)" ../bin/awk ;; esac
        PATH=$PWD/../bin:$PATH TMPDIR=$BATS_TEST_TMPDIR $shell "$ROOT/pipelines/report.sh" four more 3>&- >page.html
        assert_same "$BOTH" page.html
    done
}

@test "a run stays as it was, and need not be writable" {
    local before nobody=()
    before=$(state_of a)
    chmod -R a-w a
    if [ "$(id -u)" -eq 0 ]; then # whom permissions do not bind
        nobody=(setpriv --reuid 65534 --clear-groups)
        chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR"
    fi
    "${nobody[@]}" test -r "$ROOT/Makefile" -a -r "$PWD/a/run.conf" -a -x "$BUILD/bin/nn-eval" || skip 'the files are not readable for everybody'
    run -0 --separate-stderr "${nobody[@]}" env TMPDIR=/tmp "$ROOT/pipelines/report.sh" a
    chmod -R u+w a
    [ "$before" = "$(state_of a)" ]
}

# --- What is not there

@test "of a run that has not trained yet it says so" {
    train -r new epochs=0
    report new >page.html
    python3 "$ROOT/tests/report-page.py" page.html
    run -0 text_of page.html
    assert_output_has 'No epoch of this run has been finished and measured yet'
    assert_output_has 'There are no curves of the accuracy: no epoch has one that is a number.'
    assert_output_has 'What is taken for what cannot be shown: no epoch has been finished and measured yet.'
    assert_output_has '1 checkpoint is there and proven'
}

@test "without a log nobody knows how long it took, and a FIFO keeps nobody waiting" {
    rm a/log
    read_page
    assert_output_has 'Nobody knows how long the epochs took'
    mkfifo a/log
    timeout 60 "$ROOT/pipelines/report.sh" a 3>&- >page.html
    grep -q 'Nobody knows how long the epochs took' page.html
}

@test "what was rotated away of the log counts as well, compressed or not; what is damaged of it is left out" {
    sed '2q' a/log | gzip >a/log.2.gz
    sed -n '3,5p' a/log >a/log.1
    sed -i '1,5d' a/log
    gzip -k a/log.1 # as if it were being done
    report a >page.html
    assert_same <(sed s/four/a/g "$PAGE") page.html
    head -c 30 a/log.2.gz >short.gz
    mv short.gz a/log.2.gz
    mkfifo a/log.3
    timeout 60 "$ROOT/pipelines/report.sh" a 3>&- >page.html
    assert_same <(sed s/four/a/g "$PAGE") page.html
}

@test "data that is gone is told, and -D says where it is" {
    sed -i 's|^data=.*|data=/nowhere/data|' a/run.conf
    read_page
    assert_output_has 'What is taken for what cannot be shown: /nowhere/data: open: no such directory.'
    cp -r "$DATA" moved
    read_page -D moved
    assert_output_has 'on the validation set.'
    read_page --data="$PWD/moved"
    assert_output_has 'on the validation set.'
}

@test "classes that have names beside the data are called by them" {
    cp -r "$DATA" moved
    printf '%s\n' T-shirt Trousers Pullover Dress Coat Sandal Shirt '<b>Sneaker' $'B\033ag' >moved/train-classes # and one has none
    read_page -D moved
    assert_output_has 'T-shirt Trousers Pullover Dress Coat Sandal Shirt <b>Sneaker B?ag 9 recall'
    sed 's/T-shirt/0/g; s/Trousers/1/g; s/Pullover/2/g; s/Dress/3/g; s/Coat/4/g; s/Sandal/5/g; s/Shirt/6/g; s/&lt;b&gt;Sneaker/7/g
        s/B?ag/8/g; s/four/a/g' page.html >numbers
    assert_same <(sed s/four/a/g "$PAGE") numbers
}

@test "other data is told from the run's, and not used" {
    mkdir other
    cp "$DATA"/* other
    tail -c +17 "$DATA/train-images-idx3-ubyte" | tr '\377' '\376' >pixels
    dd if=pixels of=other/train-images-idx3-ubyte bs=16 seek=1 conv=notrunc status=none
    read_page -D other
    assert_output_has "$PWD/other: it is not the data that the run began with."
    run ! grep -q '<table class="matrix"' page.html
}

@test "without a validation set the last epoch counts, and mistakes are those on the test set" {
    train -r plain val=0 epochs=2
    report plain >page.html
    run -0 text_of page.html
    assert_output_has ' % test accuracy after epoch 2, the last'
    assert_output_has 'There is no validation set to choose by, so the last epoch counts.'
    assert_output_has 'on the test set, as there is no validation set.'
}

@test "a checkpoint that is damaged is told in the chain" {
    printf x >>a/epoch-0004.safetensors
    read_page
    assert_output_has 'not in order.'
    grep -q '<td class="bad">' page.html
}

@test "lost evaluations, data.tsv and net.model leave a page" {
    rm a/data.tsv a/net.model a/epoch-0002.eval
    read_page
    assert_output_has 'There is no curve of the learning rate: '
    assert_output_has 'It is not there, or empty.'
    python3 "$ROOT/tests/report-page.py" page.html
    rm a/*.eval
    read_page
    assert_output_has 'No epoch of this run has been finished and measured yet'
}

@test "a figure that gnuplot cannot draw is left out, one that is cut short is an error" {
    mkdir bin
    printf '#!/bin/sh\necho "line 3: no" >&2\nexit 1\n' >bin/gnuplot
    chmod +x bin/gnuplot
    PATH=$PWD/bin:$PATH read_page
    assert_output_has 'Loss after each epoch: gnuplot cannot draw it: line 3: no.'
    printf '#!/bin/sh\n%s "$@" | head -n 40\n' "$(command -v gnuplot)" >bin/gnuplot
    PATH=$PWD/bin:$PATH run -74 report a
    assert_error 'figure.awk could not do its work'
}

# --- Text that is not what it seems

@test "names and texts with markup, quotes and control characters are text" {
    local odd=$'<script>alert(1)<!--&"\'\\1`$(id)\001\033[31m\xc2\x85\xe2\x80\xae\xff'
    mv a "$odd"
    printf '# </pre><script>alert(2)</script>\001\033\xe2\x80\xae\xff\n' >>"$odd/net.model"
    printf 'evil=<img src=x onerror=alert(3)>\n' >>"$odd/run.conf"
    awk -F '\t' -v OFS='\t' 'NR == 2 { $7 = "<b>\\x07</b>" } { print }' "$odd/pruned.tsv" >pruned
    cp pruned "$odd/pruned.tsv"
    report "$odd" >page.html
    run -0 python3 "$ROOT/tests/report-page.py" page.html
    report "$odd" "$BATS_FILE_TMPDIR/more" >page.html
    run -0 python3 "$ROOT/tests/report-page.py" page.html
    grep -q '&lt;script&gt;alert(1)&lt;!--&amp;&quot;' page.html
    grep -q '&lt;b&gt;\\x07&lt;/b&gt;' page.html
}

@test "what stands in a run's files, or is its name, is no command of gnuplot" {
    local evil='`touch "$WITNESS"`'
    export WITNESS=$PWD/witness
    awk -F '\t' -v OFS='\t' -v evil="$evil" '!/^#/ { $2 = $2 evil } { print }' a/data.tsv >data
    cp data a/data.tsv
    awk -F '\t' -v OFS='\t' -v evil="$evil" '!/^#/ && NF > 12 { $6 = $6 evil; $7 = $7 evil; $8 = $8 evil } { print }' a/epoch-0003.eval >records
    cp records a/epoch-0003.eval
    mv a "a$evil'"
    report "a$evil'" "$BATS_FILE_TMPDIR/more" >page.html
    python3 "$ROOT/tests/report-page.py" page.html
    assert_missing witness
}

@test "whatever stands in a run's files, there is a page" {
    local file
    for file in metrics.tsv pruned.tsv data.tsv log net.model run.conf epoch-0003.eval; do
        rm -rf b
        cp -r "$BATS_FILE_TMPDIR/four" b
        { head -c 100 "b/$file" && printf '\t<x>\t#\n#\ta\n\n\\\t1e999\tnan\t-\n' && head -c 3000 /dev/zero && tail -c 200 "b/$file"; } >mixed
        cp mixed "b/$file"
        report b >page.html
        run -0 python3 "$ROOT/tests/report-page.py" page.html
    done
}

# --- Several runs

@test "several runs are compared, the best first, then each for itself" {
    run -0 text_of "$BOTH"
    assert_output_has '2 runs side by side'
    assert_output_has 'four '
    [ "$(grep -c '^<svg' "$BOTH")" = 12 ]
    [ "$(grep -c '<h1' "$BOTH")" = 1 ]
    local four more best
    four=$(awk -F '\t' 'NR > 1 && $8 > m { m = $8 } END { print m }' "$BATS_FILE_TMPDIR/four/metrics.tsv")
    more=$(awk -F '\t' 'NR > 1 && $8 > m { m = $8 } END { print m }' "$BATS_FILE_TMPDIR/more/metrics.tsv")
    best=$(awk "BEGIN { print ($more > $four ? \"more\" : \"four\") }")
    assert_output_has "$best is the best, with"
    grep -q '<desc id="r0-size-d">four: .* with 200 pictures; more: .* with 400 pictures.</desc>' "$BOTH"
}

@test "runs that were measured on different sets are told apart" {
    run -0 text_of "$BOTH"
    run ! grep 'were not measured on one validation set' <<<"$output"
    train -r other val=120 epochs=1
    report a other >page.html
    run -0 text_of page.html
    assert_output_has 'But they were not measured on one validation set'
}

@test "one run twice, and one that has not trained, may stand beside others" {
    train -r new epochs=0
    report a new a >page.html
    run -0 python3 "$ROOT/tests/report-page.py" page.html
    report new new >page.html
    run -0 text_of page.html
    assert_output_has 'None of the runs has a validation accuracy to compare them by.'
    assert_output_has 'There is no picture of this: no run has a validation loss.'
}

# --- Where the page goes

@test "a page appears whole, with the usual permissions, and replaces another only with -f" {
    (umask 027 && report -o page.html a)
    [ "$(stat -c %a page.html)" = 640 ]
    cp page.html before.html
    run -73 report -o page.html a
    assert_error 'page.html: create: it exists; -f replaces it'
    echo old >page.html
    report -f -o page.html a
    assert_same before.html page.html
    assert_no_leftovers
    run -73 report -f -o a a
    assert_error 'a: create: it is no file that could be replaced'
    run -73 report -o nowhere/page.html a
    assert_error 'nowhere/page.html: create: no such file or directory'
    run -73 report -o "$PWD/" a
    assert_error 'it names no file'
}

@test "a page that came there in the meantime is not replaced" {
    own_programs
    put_program ckpt-verify <<<'echo other >"$OLDPAGE"; exec "$real" "$@"'
    OLDPAGE=$PWD/page.html run -73 report -o page.html a
    assert_error 'page.html: create: it exists; -f replaces it'
    [ "$(cat page.html)" = other ]
    assert_no_leftovers
}

@test "a page that does not arrive is an error, 74" {
    run -74 bash -c "'$ROOT/pipelines/report.sh' a >/dev/full"
    assert_error 'stdout: write: it could not be written'
}

@test "a page of which a part had no room is an error, 74, wherever it was cut" {
    local size limit
    report a >page.html
    size=$(stat -c %s page.html)
    for limit in $((size / 1024)) $((size / 1024 - 1)) $((size / 1024 - 2)) $((size / 2048)); do # in KiB, for each file of its own
        # shellcheck disable=SC2016 # for the inner shell
        run -74 bash -c 'trap "" XFSZ; ulimit -f "$1"; exec "$ROOT/pipelines/report.sh" a' bash "$limit" 3>&-
        [[ $output != *'</html>'* ]]
    done
}

@test "a signal ends it with 75, and nothing stays" {
    own_programs
    mkdir temporary
    put_program nn-eval <<<'kill -s TERM "$REPORT"; exec "$real" "$@"'
    # shellcheck disable=SC2016 # for the inner shell
    TMPDIR=$PWD/temporary run -75 sh -c 'REPORT=$$ exec "$ROOT/pipelines/report.sh" -o page.html a' 3>&-
    [ -z "$(ls -A temporary)" ]
    assert_missing page.html
    assert_no_leftovers
}

@test "a signal while figures are drawn ends it with 75, whomever it reaches, and no page lacks them for that" {
    local signals gnuplot
    gnuplot=$(command -v gnuplot)
    mkdir bin
    # shellcheck disable=SC2016 # for the program that is made
    for signals in 'kill -s TERM "$REPORT"; kill -s INT $$' 'kill -s TERM "$REPORT"; exec "$real" "$@"' 'kill -s KILL $$'; do
        printf '#!/bin/sh\nreal=%s\n%s\n' "$gnuplot" "$signals" >bin/gnuplot
        chmod +x bin/gnuplot
        # shellcheck disable=SC2016 # for the inner shell
        PATH=$PWD/bin:$PATH run -75 sh -c 'REPORT=$$ exec "$ROOT/pipelines/report.sh" -o page.html a' 3>&-
        assert_missing page.html
        assert_no_leftovers
    done
}

@test "what a killed one has left goes, and what a living one holds stays" {
    own_programs
    mkdir temporary
    export TMPDIR=$PWD/temporary
    put_program nn-eval <<<'kill -s KILL "$PPID"; exec "$real" "$@"'
    run -137 report -o page.html a
    put_program nn-eval <<<'exec "$real" "$@"'
    [ -n "$(ls temporary)" ]
    : >.page.html.living.tmp
    flock .page.html.living.tmp "$ROOT/pipelines/report.sh" -o page.html a 3>&-
    [ -z "$(ls temporary)" ]
    rm .page.html.living.tmp
    assert_no_leftovers
}

@test "one that ends while it looks for what others left takes nothing that a living one holds" {
    mkdir -p bin temporary/rote-train.living
    printf '#!/bin/sh\ncase $* in *rm*rote-train.living*) kill -s PIPE $PPID ;; esac\nexec "%s" "$@"\n' "$(command -v flock)" >bin/flock
    chmod +x bin/flock
    flock temporary/rote-train.living env PATH="$PWD/bin:$PATH" TMPDIR="$PWD/temporary" "$ROOT/pipelines/report.sh" a 3>&- >page.html || status=$?
    [ "$status" -eq 74 ]
    [ -d temporary/rote-train.living ]
}

@test "what cannot be read just now is an error, 74, but a checkpoint in the chain" {
    own_programs
    put_program nn-predict <<<'echo "nn-predict: x: read: input/output error" >&2; exit 74'
    run -74 report a
    assert_error 'a: report: nn-predict: x: read: input/output error'
    real_programs
    own_programs
    put_program ckpt-verify <<<'"$real" "$@" | sed "s/proven/unreadable/"; exit 74'
    read_page
    assert_output_has 'unreadable'
}

@test "a program that is killed, crashes or lacks memory ends it with 75, 70 or 71" {
    own_programs
    put_program nn-eval <<<'kill -s KILL $$'
    run -75 report a
    put_program nn-eval <<<'kill -s SEGV $$'
    run -70 report a
    put_program nn-eval <<<'echo "nn-eval: out of memory" >&2; exit 71'
    run -71 report a
    assert_error 'nn-eval: out of memory'
}

# --- The command line

@test "what is no run is refused" {
    run -66 report nowhere
    assert_error 'rote-report: nowhere: enter: no such file or directory'
    mkdir empty
    run -65 report empty
    assert_error 'empty: report: it is no run: it has no run.conf'
    run -66 report a/run.conf
    assert_error 'a/run.conf: enter: not a directory'
}

@test "a wrong command line is refused with 64" {
    run -64 report
    assert_error "the run is missing; 'rote-report -h' prints how it is used"
    run -64 report -x a
    assert_error '-x: no such option'
    run -64 report a -o
    assert_error '-o: it needs an argument'
    run -64 report a -o ''
    assert_error '-o: it needs an argument'
    run -64 report --data= a
    assert_error '--data: it needs an argument'
    run -64 report ''
    assert_error 'a run without a name'
    run -64 report $'a\nb'
    assert_error 'its path has a line break'
}

@test "options may stand together and after runs, and -- ends them" {
    report a -qfo page.html
    assert_same <(sed s/four/a/g "$PAGE") page.html
    mv a ./-a
    report --output=dash.html -- -a
    run -0 --separate-stderr report -qvh
    assert_output_has 'usage: rote-report [-fqv] [-D directory] [-o file] run ...'
    run -0 --separate-stderr report -V
    [[ $output =~ ^rote-report\ \(rote\)\ [0-9.]+$ ]]
}

@test "without gnuplot it is unavailable, 69, and says what to install" {
    mkdir bin
    cp -s /usr/bin/* bin 2>/dev/null || :
    rm -f bin/gnuplot*
    PATH=$PWD/bin run -69 "$ROOT/pipelines/report.sh" a
    assert_error 'gnuplot: it is not there'
    assert_error 'contrib/install-dependencies.sh report'
}

@test "installed it works with cron's PATH" {
    make -s -o all -C "$ROOT" install DESTDIR="$PWD/root" PREFIX=/usr BUILD="$BUILD"
    env -i PATH=/usr/bin:/bin root/usr/bin/rote-report a >page.html 3>&-
    assert_same <(sed s/four/a/g "$PAGE") page.html
}

# --- What is worked out

@test "the time of an epoch is what was spent on it, whatever stopped it" {
    cat >log <<'END'
2026-02-28T23:59:50+0000 train.sh: begins
2026-02-28T23:59:58+0000 epoch 1: training
2026-03-01T00:00:08+0000 epoch 1: training loss 0.5
2026-03-01T00:00:08+0000 epoch 2: training
2026-03-01T00:00:18+0000 stopped by a signal; the same line again goes on
2026-03-05T00:00:00+0000 train.sh: goes on; epochs 0 to 1: proven, skipped;
2026-03-05T01:00:00+0100 epoch 2: training, on from where it was stopped
2026-03-05T01:00:20+0100 epoch 2: training loss 0.4
2026-03-05T01:00:20+0100 epoch 3: training
2026-03-09T00:00:00+0000 train.sh: goes on;
2026-03-09T00:00:00+0000 epoch 3: training
2026-03-09T00:00:07-0000 nn-train-epoch: something on the way
2026-03-08T20:30:09-0330 epoch 3: training loss 0.3
2026-03-09T00:00:10+0000 epoch 4: training
2026-03-08T00:00:10+0000 epoch 4: training loss 0.2
this is no line of a log
END
    run -0 awk -f "$ROOT/pipelines/report/times.awk" log
    [ "$output" = "#epoch	seconds	stops
1	10	0
2	30	1
3	9	1
4	0	0" ]
}

@test "a day of every month of a leap year is a day long" {
    local month
    for month in 01-31 02-28 02-29 03-31 04-30 12-31; do
        printf '%sT23:59:00+0000 epoch 1: training\n%sT00:01:00+0000 epoch 1: training loss 0\n' "2028-$month" \
            "$(date -u -d "2028-$month + 1 day" +%F)"
    done >log
    run -0 awk -f "$ROOT/pipelines/report/times.awk" log
    [ "${lines[1]}" = "1	720	0" ]
}

@test "the learning rate is that of each step's schedule, and the last one holds" {
    printf '#epoch\tstep\trate\n1\t1\t0.1\n1\t10\t0.5\n2\t11\t0.5\n2\t20\t0.01\n' >rates
    run -0 on_page rates -v done=4 rates
    assert_output_has $'0\t0.1\n1\t0.5\n1\t0.5\n2\t0.01\n4\t0.01\nend'
    run -0 on_page rates -v done=4 -v say=words rates
    [ "$output" = 'The learning rate begins with 0.1 and ends, in epoch 2, with 0.01; at its highest it is 0.5.' ]
}

# overview BEST ACCURACY/LOSS/TRAINING-LOSS...: what is said of epochs with these, of which one is the best.
overview() {
    local best=$1 epoch=0
    shift
    printf '#epoch\tpath\ttrain.loss\tvalid.loss\tvalid.accuracy\tvalid.low\tvalid.high\tvalid.n\n' >epochs
    for words; do
        epoch=$((epoch + 1))
        IFS=/ read -r accuracy loss training <<<"$words"
        printf '%d\tx\t%s\t%s\t%s\t%s\t%s\t100\n' $epoch "$training" "$loss" "$accuracy" 0.80 0.90 >>epochs
    done
    : >data
    on_page summary -v number=1 -v wanted=5 -v best="$best" data epochs >row
    run -0 on_page overview -v every=1 row epochs
}

@test "it says whether a run still improves" {
    overview 2 0.5/1/1 0.9/0.9/0.9
    assert_output_has 'It was still improving at its end: the last epoch is the best, by 40.00 points.'
    overview 2 0.88/1/1 0.9/0.9/0.9
    assert_output_has 'by 2.00 points, which is less than the interval leaves open.'
    overview 1 0.9/1/1 0.88/0.9/0.9
    assert_output_has 'It no longer improves: the epoch after that one is not better.'
    overview 1 0.9/1/1 0.88/0.9/0.9 0.87/0.9/0.9
    assert_output_has 'It no longer improves: none of the 2 epochs after that one is better.'
    overview 1 0.9/1/1
    assert_output_has 'After one epoch nobody can say where it goes.'
}

@test "it says that a run learns by heart, where the validation loss rises and that of training falls" {
    overview 3 0.5/1/1 0.8/0.5/0.8 0.9/0.6/0.5
    assert_output_has 'Since epoch 2 the validation loss has risen from 0.5000 to 0.6000 while the training loss went on falling'
    overview 3 0.5/1/1 0.8/0.5/0.8 0.9/0.6/0.9
    [[ $output != *'by heart'* ]]
    overview 3 0.5/1/1 0.8/0.5/0.8 0.9/nan/0.5
    [[ $output != *'by heart'* ]]
}

@test "it says how far an unfinished run is" {
    overview 2 0.5/1/1 0.9/0.9/0.9
    assert_output_has 'Of 5 epochs that it is to have, 2 are done.'
    overview 1 0.5/1/1
    assert_output_has 'Of 5 epochs that it is to have, 1 is done.'
}

@test "curves of many epochs are not hidden by their marks, nor do the numbers below touch" {
    local epochs
    mkdir 1
    printf '#number\tlabel\tsize\n1\ta\t9\n' >summaries
    for epochs in 60 61 999 1001 5001; do
        awk -v n=$epochs 'BEGIN { print "#epoch\ttrain.loss\tvalid.loss"; for (i = 1; i <= n; i++) print i "\t0.5\t0.6" }' >1/epochs
        on_page curves -v metric=loss 1/epochs
        on_page compare -v what=loss summaries 1/epochs
    done | grep -oE '(interval|xtics) [0-9]+' | uniq | tr '\n' ' ' >told
    [ "$(cat told)" = 'interval 3 interval 49 xtics 200 interval 50 xtics 200 interval 50 xtics 1000 interval 250 xtics 1000 interval 250 ' ]
}

@test "what is not a number is shown as it is, and in no curve" {
    printf '#epoch\ttrain.loss\tvalid.loss\n1\t0.5\tnan\n2\tinf\tnone\n3\t0.25\tnan\n' >epochs
    run -0 on_page curves -v metric=loss epochs
    assert_output_has "train.loss"
    [[ $output != *valid.loss* ]]
    run -0 on_page curves -v metric=loss -v say=words epochs
    [ "$output" = 'The training loss goes from 0.5000 in epoch 1 to 0.2500 in epoch 3.' ]
    run -0 on_page table epochs
    assert_output_has '<td>nan</td>'
}
