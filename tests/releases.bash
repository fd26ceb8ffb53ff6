# For suites about releases, as `load releases` after `load helpers`: a network, what it computes, and what its release does.

# every.safetensors: of every kind of layer, with vectors that are pictures again, a block that begins with what its first layer reads,
# and so one batchnorm that cannot be folded among five.
make_every() {
    cat >every.model <<'END'
input 1 28 28
normalize 0.2860 0.3530
conv 6 3 stride=2 bias=no
batchnorm
relu
conv 6 1
residual
    batchnorm
    conv 8 3 pad=1 bias=no
    batchnorm eps=0.001
    tanh
    dropout2d 0.2
    conv 8 3 pad=1
end
maxpool 3 stride=2
avgpool 2 stride=1
dropout 0.1
dense 20
batchnorm
conv 8 1
batchnorm
relu
residual
    dense 8
    tanh
end
conv 10 1
global-avgpool
loss cross-entropy
train batch=50
optimizer adamw lr=0.003
ema 0.9
END
    nn-init -q -o every-0.safetensors every.model
    nn-train-epoch -q -o every.safetensors every-0.safetensors "$DATA/train"
}

# logits NETWORK DATA: a line for each sample, numbers that tell all floats apart.
logits() {
    nn-predict -q --logits "$1" "$2" | awk -F '\t' '
        /^#/ { for (i = 1; i <= NF; i++) if ($i ~ /^logit[.]/) column[++n] = i; next }
        { for (i = 1; i <= n; i++) printf "%.9g%s", $column[i], i < n ? " " : "\n" }'
}

# compile_release NAME COMPILER...: a program of NAME.c and NAME.h that reads pictures, as in an IDX file behind its header, and prints
# the same.
compile_release() {
    sed "s/NAME/$1/g" >main.c <<'END'
#include "NAME.h"
#include <stdio.h>

int main(void)
{
    static unsigned char picture[NAME_PIXELS];
    static float workspace[NAME_WORKSPACE], logits[NAME_CLASSES];

    while (fread(picture, sizeof picture, 1, stdin) == 1) {
        int best = 0, i;
        NAME_logits(picture, workspace, logits);
        for (i = 0; i < NAME_CLASSES; i++) {
            printf("%.9g%c", (double)logits[i], i < NAME_CLASSES - 1 ? ' ' : '\n');
            if (logits[i] > logits[best])
                best = i;
        }
        if (NAME_class(picture, workspace) != best)
            return 1;
    }
    return 0;
}
END
    "${@:2}" -o program main.c "$1.c" -lm
}

# near FILE FILE SHARE: as many numbers, of which none are further apart than this share of the largest.
near() {
    paste -d ' ' "$1" "$2" | awk -v share="$3" '
        function magnitude(x) { return x < 0 ? -x : x }
        {
            for (i = 1; i <= NF / 2; i++) {
                n++
                if (magnitude($i - $(i + NF / 2)) > worst) worst = magnitude($i - $(i + NF / 2))
                if (magnitude($i) > largest) largest = magnitude($i)
            }
        }
        END { print n " numbers up to " largest ", " worst " apart"; exit !n || worst > share * largest }'
}
