#!/usr/bin/env bash
# Times every case in Facula and in TorchSharp (libtorch), in turn, each in a process of its own.
# usage: bench/compare.sh [--filter REGEX] [--threads N] [--rounds N] [--returned] [--write]
#   --threads N   without it, one and two threads
#   --rounds N    processes per side and case (5); the medians over them are reported
#   --returned    leave glibc's settings alone, so that libtorch's large blocks go back to the system after each use
#   --write       put the rows into docs/performance/, in this CPU's file, and make the charts and tables of the documents anew
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
filter='' threads='1 2' rounds=5 memory=kept write=''
while [ $# -gt 0 ]; do
    case $1 in
        --filter) filter=$2; shift 2 ;;
        --threads) threads=$2; shift 2 ;;
        --rounds) rounds=$2; shift 2 ;;
        --returned) memory=returned; shift ;;
        --write) write=1; shift ;;
        *) sed -n 's/^# \{0,1\}//; 2,7p' "$0" >&2; exit 2 ;;
    esac
done

cpu_model() {
    if [ -r /proc/cpuinfo ] && grep -q '^model name' /proc/cpuinfo; then
        # Virtual machines often say only "AMD EPYC": family and model tell the generations apart.
        awk -F '[ \t]*: ' '/^cpu family/ { f = $2 } /^model[ \t]*:/ { m = $2 } /^model name/ { n = $2 } /^processor/ { c++ }
            END { printf "%s (family %s, model %s), %d CPU%s\n", n, f, m, c, c == 1 ? "" : "s" }' /proc/cpuinfo
    elif command -v sysctl >/dev/null && sysctl -n machdep.cpu.brand_string 2>/dev/null; then
        :
    else
        lscpu | sed -n 's/^Model name: *//p' | head -n 1
    fi
}

# libtorch takes memory from malloc, and glibc maps every large block anew and gives it back. Page faults are then most of libtorch's time, on some machines nine
# tenths; what its kernels take is seen only where it keeps its memory, as Facula does.
if [ "$memory" = kept ]; then export MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=8589934592; fi
[ "$(uname -s)" = Linux ] || memory=system

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
dotnet build "$here/Facula.Bench" -c Release -o "$here/out/facula" -v quiet -nologo >"$tmp/log" || { cat "$tmp/log" >&2; exit 1; }
"$here/Peers.TorchSharp/build.sh" >"$tmp/log" || { cat "$tmp/log" >&2; exit 1; }
ours=(dotnet "$here/out/facula/Facula.Bench.dll") theirs=("$here/out/run-torchsharp")
cpu=$(cpu_model)

"${ours[@]}" --list >"$tmp/ours"
"${theirs[@]}" --list >"$tmp/theirs"
grep -Fx -f "$tmp/theirs" "$tmp/ours" >"$tmp/common" || true
"${ours[@]}" --list --filter "$filter" >"$tmp/our-choice"
"${theirs[@]}" --list --filter "$filter" >"$tmp/their-choice"

# A hung process costs one sample, not the night: libtorch's threads spin, and starve each other on a busy machine.
limit=$(command -v timeout || true)
sample() { ${limit:+"$limit" 120} "$@" </dev/null || echo "failed: $*" >&2; }
# median FILE COLUMN
median() {
    cut -f "$2" "$1" | sort -g | awk '{ v[NR] = $1 } END { if (NR) printf "%.7f", (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2; else printf "failed" }'
}
row() { printf '%-32s %7s %12s %12s %7s %9s %12s\n' "$@"; }

echo "CPU: $cpu"
row case threads 'ours ms' 'libtorch ms' ratio 'our MB' 'libtorch MB'
: >"$tmp/rows"
for n in $threads; do
    grep -Fx -f "$tmp/our-choice" "$tmp/common" >"$tmp/todo" || true
    while read -r name; do
        : >"$tmp/a"
        : >"$tmp/b"
        for ((r = 0; r < rounds; r++)); do
            sample "${ours[@]}" --run "$name" --threads "$n" >>"$tmp/a"
            sample "${theirs[@]}" --run "$name" --threads "$n" >>"$tmp/b"
        done
        awk -v name="$name" -v n="$n" -v a="$(median "$tmp/a" 2)" -v b="$(median "$tmp/b" 2)" -v am="$(median "$tmp/a" 3)" -v bm="$(median "$tmp/b" 3)" '
            function ms(x) { return x == "failed" ? x : sprintf(x < 0.01 ? "%.6f" : x < 1 ? "%.4f" : "%.3f", x) }
            function mb(x) { return x == "failed" ? x : sprintf("%.0f", x) }
            BEGIN {
                ratio = a == "failed" || b == "failed" ? "-" : sprintf("%.2f", b / a)
                printf "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name, n, ms(a), ms(b), ratio, mb(am), mb(bm)
            }' >"$tmp/row"
        cat "$tmp/row" >>"$tmp/rows"
        IFS=$'\t' read -r -a cells <"$tmp/row"
        row "${cells[@]}"
    done <"$tmp/todo"
done
{ grep -vFx -f "$tmp/ours" "$tmp/their-choice" || true; } | sed 's/^/missing in Facula:   /'
{ grep -vFx -f "$tmp/theirs" "$tmp/our-choice" || true; } | sed 's/^/missing in libtorch: /'
[ -n "$write" ] && [ -s "$tmp/rows" ] || exit 0

version() { sed -n "s/.*Include=\"$1\" Version=\"\([^\"]*\)\".*/\1/p" "$here/Peers.TorchSharp/Directory.Packages.props"; }
libtorch="libtorch $(version 'libtorch-cpu-[^"]*') (TorchSharp $(version TorchSharp))"
runtime=$(dotnet --list-runtimes | sed -n 's/^Microsoft.NETCore.App \([^ ]*\).*/\1/p' | tail -n 1)
file=$(dirname "$here")/docs/performance/$(printf '%s' "$cpu" | tr 'A-Z' 'a-z' | tr -cs 'a-z0-9' '-' | sed 's/^-*//; s/-*$//').tsv
mkdir -p "$(dirname "$file")"
[ -e "$file" ] || printf 'case\tthreads\tours_ms\tlibtorch_ms\tours_mb\tlibtorch_mb\tlibtorch_memory\tlibtorch\tdotnet\tdate\n' >"$file"
# Rows measured now replace their old ones; the other rows stay as long as their case exists on both sides.
awk -F '\t' -v OFS='\t' -v memory="$memory" -v libtorch="$libtorch" -v runtime="$runtime" -v date="$(date -u +%F)" '
    FILENAME ~ /common$/ { name[++cases] = $0; next }
    FILENAME ~ /rows$/ { line[$1, $2, memory] = $1 OFS $2 OFS $3 OFS $4 OFS $6 OFS $7 OFS memory OFS libtorch OFS runtime OFS date; next }
    FNR == 1 { print; next }
    !(($1, $2, $7) in line) { line[$1, $2, $7] = $0 }
    END {
        split("kept system returned", kinds, " ")
        for (m = 1; m <= 3; m++)
            for (i = 1; i <= cases; i++)
                for (t = 1; t <= 1024; t++)
                    if ((name[i], t, kinds[m]) in line)
                        print line[name[i], t, kinds[m]]
    }' "$tmp/common" "$tmp/rows" "$file" >"$tmp/file"
cat "$tmp/file" >"$file"
echo "wrote $file"
dotnet run -c Release "$here/report.cs"
