#!/usr/bin/env bash
# Times every case in Facula and in TorchSharp (libtorch), in turn, each in a process of its own.
# usage: bench/compare.sh [--filter REGEX] [--threads N] [--rounds N] [--write]
#   --threads N   without it, one and two threads
#   --rounds N    processes per side and case (5); the medians over them are reported
#   --write       put the rows into docs/performance.md, in the table of this CPU model
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
doc=$(dirname "$here")/docs/performance.md
filter='' threads='1 2' rounds=5 write=''
while [ $# -gt 0 ]; do
    case $1 in
        --filter) filter=$2; shift 2 ;;
        --threads) threads=$2; shift 2 ;;
        --rounds) rounds=$2; shift 2 ;;
        --write) write=1; shift ;;
        *) sed -n 's/^# \{0,1\}//; 2,6p' "$0" >&2; exit 2 ;;
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
about="Last run $(date -u +%F), .NET $(dotnet --list-runtimes | sed -n 's/^Microsoft.NETCore.App \([^ ]*\).*/\1/p' | tail -n 1),"
about="$about TorchSharp $(version TorchSharp) on libtorch $(version 'libtorch-cpu-[^"]*')."
mkdir -p "$(dirname "$doc")"
[ -e "$doc" ] || printf '# Performance\n\nMedians by `bench/compare.sh --write`. Ratio: libtorch / Facula, so above 1 Facula is faster.\n' >"$doc"
# Rows measured now replace their old ones; the other rows stay as long as their case exists on both sides.
awk -v cpu="$cpu" -v about="$about" '
    function table(   i, t, k) {
        print "\n" about "\n\n| case | threads | ours ms | libtorch ms | ratio | our MB | libtorch MB |\n|---|--:|--:|--:|--:|--:|--:|"
        for (i = 1; i <= cases; i++)
            for (t = 1; t <= 1024; t++) {
                k = name[i] "\t" t
                if (k in line)
                    print line[k]
            }
        print ""
    }
    FILENAME ~ /common$/ { name[++cases] = $0; next }
    FILENAME ~ /rows$/ { split($0, c, "\t"); k = c[1] "\t" c[2]; fresh[k] = 1; gsub(/\t/, " | "); line[k] = "| " $0 " |"; next }
    $0 == "<!-- table: " cpu " -->" { print; inside = seen = 1; next }
    inside && $0 == "<!-- end -->" { table(); inside = 0 }
    inside { if (split($0, c, / *\| */) > 7 && !((c[2] "\t" c[3]) in fresh)) line[c[2] "\t" c[3]] = $0; next }
    { print }
    END {
        if (!seen) {
            print "\n## " cpu "\n\n<!-- table: " cpu " -->"
            table()
            print "<!-- end -->"
        }
    }' "$tmp/common" "$tmp/rows" "$doc" >"$tmp/doc"
cat "$tmp/doc" >"$doc"
echo "wrote $doc"
