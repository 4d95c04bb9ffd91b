#!/usr/bin/env bash
# Builds the TorchSharp side into bench/out/torchsharp and writes the launcher bench/out/run-torchsharp.
# libLibTorchSharp.so needs a C++ runtime of gcc 13.2 or newer. Where the system's is older (Debian 12), the copy in the
# output folder is patched, and the launcher preloads a shim with the missing symbol; that, and only that, needs g++.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(dirname "$here")/out
dotnet build "$here" -c Release -o "$out/torchsharp" -v quiet -nologo

native=$out/torchsharp/libLibTorchSharp.so version=GLIBCXX_3.4.32
# Complains of a patched copy too, only calling it weak: so a build that copied nothing still finds it needs the shim.
missing=$(ldd "$native" 2>&1 | grep -F "$version" || true)
preload=
if [ -n "$missing" ]; then
    g++ -O1 -o "$out/weaken" "$here/weaken.cpp"
    g++ -O1 -shared -fPIC -o "$out/shim.so" "$here/shim.cpp"
    "$out/weaken" "$native" "$version"
    preload=$out/shim.so
fi
printf '#!/bin/sh\n%sexec dotnet "%s" "$@"\n' "${preload:+LD_PRELOAD='$preload' }" "$out/torchsharp/Peers.TorchSharp.dll" >"$out/run-torchsharp"
chmod +x "$out/run-torchsharp"
