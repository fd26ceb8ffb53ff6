#!/bin/bash
# A page of rote-report in Chromium: on a phone and a desk, in the light, in the dark and in print. Nothing is hard to see or out of
# reach, no picture is without words, the console stays empty. report.js looks; --screenshots DIRECTORY keeps what a person shall look at.
set -eu

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo 'there is no chromium'
    exit 77
}
command -v gnuplot >/dev/null || {
    echo 'there is no gnuplot'
    exit 77
}
here=$(dirname "$0")
shots=''
[[ ${1-} != --screenshots ]] || shots=$(cd "$2" && pwd)

# Without a sandbox, which takes rights that a container may not have: the pages are ours.
look() { # OPTION... PAGE
    HOME=$PWD/home timeout 120 "$browser" --headless=new --no-sandbox --disable-gpu --hide-scrollbars --no-first-run \
        --user-data-dir="$PWD/profile" "$@"
}

# The page with the script in it, which its own policy would refuse.
with_script() { # PAGE
    sed '/http-equiv="Content-Security-Policy"/d' "$1" | sed '/^<\/body>/d; /^<\/html>/d'
    printf '<script>\n'
    cat "$here/report.js"
    printf '</script>\n</body>\n</html>\n'
}

# A window has a least width, a frame in it has not.
framed() { # PAGE WIDTH
    printf '<!DOCTYPE html>\n<body><pre id="verdict"></pre>\n<script>\n'
    printf 'onmessage = (event) => { document.getElementById("verdict").textContent = event.data + "\\n"; };\n</script>\n'
    printf '<iframe src="file://%s" width="%s" height="900" style="border: 0"></iframe>\n' "$1" "$2"
}

report() { # RESULT SENTENCE
    echo "$1 - $2"
    [[ $1 == ok ]] || { sed 's/^/# /' problems && failed=1; }
}

check_look() { # NAME WIDTH SCHEME
    local scheme=1 result=ok
    [[ $3 != dark ]] || scheme=0
    framed "$PWD/$1-script.html" "$2" >frame.html
    look --window-size=1400,1000 --blink-settings=preferredColorScheme=$scheme --virtual-time-budget=10000 \
        --dump-dom "file://$PWD/frame.html" >dom 2>messages || :
    sed -n '/<pre id="verdict">/,/<\/pre>/p' dom | sed 's/.*<pre id="verdict">//; /<\/pre>/d' >verdict
    {
        head -n 1 verdict | grep -qx "looked at $2 rgb(.*)" || { echo "it was not looked at: $(head -n 1 verdict)" && tail -n 3 messages; }
        sed 1d verdict
    } >problems
    [[ ! -s problems ]] || result='not ok'
    head -n 1 verdict | sed 's/.* rgb/rgb/' >>grounds
    report "$result" "$1, $2 pixels wide, $3: all can be seen and reached"
    [[ -z $shots ]] || look --window-size="$2,${4:-5000}" --blink-settings=preferredColorScheme=$scheme \
        --screenshot="$shots/$1-$2-$3.png" "file://$PWD/$1.html" 2>/dev/null
}

# Of the page itself, without the script.
check_console() { # NAME
    local result=ok
    look --enable-logging=stderr --dump-dom "file://$PWD/$1.html" >dom 2>messages || :
    grep CONSOLE messages >problems || :
    grep -q '</footer>' dom || echo 'it was not loaded' >>problems
    [[ ! -s problems ]] || result='not ok'
    report "$result" "$1: the console stays empty"
}

check_print() { # NAME
    local result=ok
    look --no-pdf-header-footer --print-to-pdf="$PWD/$1.pdf" "file://$PWD/$1.html" >messages 2>&1 || :
    : >problems
    [[ $(head -c 5 "$1.pdf") == %PDF- ]] || echo 'it was not printed' >>problems
    [[ ! -s problems ]] || result='not ok'
    report "$result" "$1: it can be printed"
    [[ -z $shots ]] || cp "$1.pdf" "$shots"
}

failed=0
mkdir home
rote-train -q -r long data="$DATA" model="$MODEL" epochs=6 keep='-l 2 -b 1'
rote-train -q -r small data="$DATA" model="$MODEL" samples=200 epochs=3
rote-report -o one.html long
other=a/name/that/no/telephone/is/wide/enough/for/and/goes/on
mkdir -p "${other%/*}"
cp -r "$RUN" "$other"
rote-report -o several.html long small "$other"
for page in one several; do
    with_script "$page.html" >"$page-script.html"
    for scheme in light dark; do
        check_look "$page" 390 "$scheme" 9000
        check_look "$page" 1280 "$scheme"
    done
    check_console "$page"
    check_print "$page"
done
: >problems
result=ok
[[ $(sort -u grounds | wc -l) == 2 ]] || { result='not ok' && cat grounds >problems; }
report "$result" 'the dark is another one than the light'
exit "$failed"
