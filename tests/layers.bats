# What the test of layers finds: it is tried on a small tree made up here.

bats_require_minimum_version 1.5.0
load helpers

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    mkdir -p libcommon/base libcommon/engine/ref libcommon/engine/blas cmd
    cat >libcommon/LAYERS <<END
# layer  may include   alone may use
base     -             sodium.h
engine   base          cblas.h
cmd      base,engine   curl/curl.h
END
    echo '#include <sodium.h>' >libcommon/base/digest.c
    echo '#include "base/digest.h"' >libcommon/engine/ref/conv.c
    echo '#include "engine/engine.h"' >cmd/nn-eval.c
}

@test "a tree that keeps to its table passes" {
    run -0 "$ROOT/tests/layers.sh" .
    assert_output_has 'ok - the #includes of 3 files'
}

@test "a layer that includes one it may not is found" {
    printf '\n#include "engine/engine.h"\n' >libcommon/base/error.c
    run -1 "$ROOT/tests/layers.sh" .
    assert_output_has 'not ok - libcommon/base/error.c:2: layer "base" may not include "engine/engine.h"'
}

@test "a header that is not relative to libcommon is found" {
    echo '#include "digest.h"' >libcommon/base/error.c
    run -1 "$ROOT/tests/layers.sh" .
    assert_output_has 'not ok - libcommon/base/error.c:1: "digest.h" is not relative to libcommon'
}

@test "a system header of another layer is found" {
    echo '  #  include <curl/curl.h>' >libcommon/base/error.c
    run -1 "$ROOT/tests/layers.sh" .
    assert_output_has 'not ok - libcommon/base/error.c:1: <curl/curl.h> is for layer "cmd" alone'
}

@test "the inside of an engine is closed to programs" {
    echo '#include "engine/ref/layers.h"' >cmd/nn-eval.c
    run -1 "$ROOT/tests/layers.sh" .
    assert_output_has 'not ok - cmd/nn-eval.c:1: "engine/ref/layers.h" is the inside of engine/ref'
}

@test "the inside of an engine is closed to other engines, and open to itself and to those who open engines" {
    echo '#include "engine/blas/blas.h"' | tee libcommon/engine/blas/gemm.c >libcommon/engine/engine.c
    run -0 "$ROOT/tests/layers.sh" .
    cp libcommon/engine/blas/gemm.c libcommon/engine/ref
    run -1 "$ROOT/tests/layers.sh" .
    assert_output_has 'not ok - libcommon/engine/ref/gemm.c:1: "engine/blas/blas.h" is the inside of engine/blas'
}

@test "every engine may fall back on the loops of ref, and stand in the frame" {
    printf '#include "engine/%s/layers.h"\n' ref frame >libcommon/engine/blas/gemm.c
    run -0 "$ROOT/tests/layers.sh" .
}

@test "a folder that the table does not know is found" {
    mkdir libcommon/misc
    : >libcommon/misc/other.c
    echo >libcommon/misc/things.c
    run -1 "$ROOT/tests/layers.sh" .
    assert_output_has 'libcommon/LAYERS has no layer "misc"'
}

@test "a table that lets a layer look up is found" {
    echo 'format base,cmd,train -' >>libcommon/LAYERS
    run -1 "$ROOT/tests/layers.sh" .
    assert_output_has '"format" may include "train", which is no layer before it'
}
