#!/bin/bash -eu
# Copyright keyrota's authors. Licensed under the Apache License, Version 2.0
# (http://www.apache.org/licenses/LICENSE-2.0); you may not use this file except in compliance with it.
# Builds all targets, and puts them with their corpora and dictionaries where OSS-Fuzz and ClusterFuzzLite
# look for them. The image says which sanitizer, and which compiler.
cd "$SRC/keyrota/fuzz"
cargo fuzz build -O --debug-assertions
for source in fuzz_targets/*.rs; do
    target=$(basename "$source" .rs)
    cp "target/x86_64-unknown-linux-gnu/release/$target" "$OUT/"
    zip --quiet --junk-paths --recurse-paths "$OUT/${target}_seed_corpus.zip" "corpus/$target"
    if [ -d "regressions/$target" ]; then
        zip --quiet --junk-paths --recurse-paths "$OUT/${target}_seed_corpus.zip" "regressions/$target"
    fi
    if [ -f "dict/$target.dict" ]; then
        cp "dict/$target.dict" "$OUT/"
    fi
    # Behind these lengths an input says nothing more.
    length=$(python3 run length "$target")
    printf '[libfuzzer]\nmax_len = %d\n' "$length" > "$OUT/$target.options"
done
