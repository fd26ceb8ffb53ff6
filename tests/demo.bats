# demo.sh: from data to a release, the same again without doing anything twice, and commands that work as printed. What takes minutes,
# to install and to build, is done by others here; the data is small.

bats_require_minimum_version 1.5.0
load helpers

# A tree with programs of its own: idx-fetch has little data, and nothing needs to be built or installed.
make_tree() { # DIRECTORY
    mkdir -p "$1/contrib" "$1/build" "$1/bin"
    cp -r "$ROOT/pipelines" "$1"
    cp -rs "$BUILD/bin" "$1/build"
    printf '#!/bin/sh\necho "installs for $*"\n' >"$1/contrib/install-dependencies.sh"
    printf '#!/bin/sh\n[ "$1" = -s ]\n' >"$1/bin/make"
    rm "$1/build/bin/idx-fetch"
    cat >"$1/build/bin/idx-fetch" <<'END'
#!/bin/sh
while [ "$1" != -o ]; do shift; done
mkdir -p "$2"
for file in images-idx3 labels-idx1; do
    cp -p "$DATA/train-$file-ubyte" "$2"
    cp -p "$DATA/test-$file-ubyte" "$2/t10k-$file-ubyte"
done
END
    chmod +x "$1"/contrib/* "$1"/bin/* "$1/build/bin/idx-fetch"
    PATH=$(cd "$1/bin" && pwd):$PATH
    unset BUILD ROTE_BIN
}

# The commands that the last `run` printed, a line each.
printed_commands() {
    sed -n '/^What to type next/,$ s/^    //p' <<<"$output"
}

state_of() { # DIRECTORY
    find "$1" -type f -exec stat -c '%n %i %y' {} + | sort
}

@test "it trains, shows the metrics, picks the best and releases it" {
    make_tree tree
    cd tree
    run -0 pipelines/demo.sh
    assert_output_has 'installs for demo'
    assert_output_has 'runs/demo: all 3 epochs are done; '
    assert_output_has 'epoch  training loss  validation accuracy  test accuracy'
    assert_output_has "runs/demo.safetensors: made from $(ckpt-best runs/demo)"
    ckpt-verify runs/demo
    grep -aq '"format":"pt"' runs/demo.safetensors
}

@test "on the whole of Fashion-MNIST the last epoch has the digest that the README prints" {
    package=/usr/share/datasets/fashion-mnist
    [ -e "$package/train-images-idx3-ubyte.gz" ] || skip "there is no dataset-fashion-mnist"
    run -0 idx-info "$package/train"
    [[ $output == *637ae2c3a013ec8a* ]] || skip "it is not the Fashion-MNIST that idx-fetch knows"
    fetch=$(readlink -f "$BUILD/bin/idx-fetch")
    make_tree tree
    ln -sf "$fetch" tree/build/bin/idx-fetch
    cd tree
    pipelines/demo.sh
    run -0 ckpt-info runs/demo/epoch-0003.safetensors
    digest=$(awk -F '\t' '!/^#/ { print $2 }' <<<"$output")
    grep -x "    $digest" "$ROOT/README.md"
}

@test "a second time all is proven, and nothing changes" {
    make_tree tree
    cd tree
    pipelines/demo.sh
    state_of runs >before
    run -0 pipelines/demo.sh
    assert_output_has 'epochs 0 to 3: proven, skipped'
    assert_output_has "runs/demo.safetensors: it is there, and what $(ckpt-best runs/demo) makes"
    state_of runs >after
    assert_same before after
}

@test "a release of another checkpoint is replaced" {
    make_tree tree
    cd tree
    pipelines/demo.sh
    cp runs/demo.safetensors right
    echo other >runs/demo.safetensors
    run -0 pipelines/demo.sh
    assert_output_has 'runs/demo.safetensors: made from'
    assert_same right runs/demo.safetensors
}

@test "the three commands work as they are printed" {
    make_tree tree
    cd tree
    run -0 pipelines/demo.sh
    printed_commands >commands
    [ "$(wc -l <commands)" = 3 ]
    sh -e commands
    [ -e runs/demo/epoch-0005.safetensors ]
    [ "$(ckpt-info -m runs/wide/epoch-0003.safetensors | grep -c 1x1x128)" -ge 1 ]
}

@test "they do so from another directory, too, and with a name that must be quoted" {
    make_tree "it's a tree"
    run -0 "it's a tree/pipelines/demo.sh"
    printed_commands >commands
    sh -e commands
    [ -e "it's a tree/runs/demo/epoch-0005.safetensors" ]
}

@test "what cannot be installed ends it, with that status" {
    make_tree tree
    printf '#!/bin/sh\necho no >&2\nexit 69\n' >tree/contrib/install-dependencies.sh
    run -69 tree/pipelines/demo.sh
    assert_missing tree/runs
}
