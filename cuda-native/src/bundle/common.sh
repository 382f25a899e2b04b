# What run and lease share: where things are, how Java is started, what is tested, and what became of it. Sourced by them,
# with bundle, the folder of java/ and lib/, and dry, which is not empty where commands are to be printed only.

# Prints a command as a line that a shell could read, or runs it.
go() {
  if [ -n "$dry" ]; then
    printf '%q ' "$@"
    echo
  else
    "$@"
  fi
}

# The lines of comment that a script begins with.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }

# ---- Java

# PyTorch's own cuBLAS first: then both sides multiply by the same one. Wheels keep it in nvidia/cublas, since CUDA 13 in
# nvidia/cu13.
find_cublas() {
  local wheels file
  wheels=$("$python" -c 'import nvidia; print(list(nvidia.__path__)[0])' 2>/dev/null)
  for file in "${wheels:-/none}"/*/lib/libcublas.so.13 "$cuda"/lib64/libcublas.so.13 \
    "$cuda"/targets/x86_64-linux/lib/libcublas.so.13; do
    [ -e "$file" ] && echo "$file"
  done
  /sbin/ldconfig -p 2>/dev/null | sed -n 's|.*libcublas\.so\.13 .*=> ||p'
}

# The CUDA backend first: the contract is held to the first one on the path.
class_path() {
  local jar path=$bundle/classes/tests:$bundle/classes/bench:$bundle/classes/examples
  for jar in "$bundle"/lib/flambeau-cuda-*.jar "$bundle"/lib/*.jar; do
    path=$path:$jar
  done
  echo "$path"
}

# Where results go, and how Java is started; before anything else.
prepare() {
  out=${OUT:-$bundle/results}
  logs=$bundle/logs # of every stage; an archive in $out has them all
  python=${BENCH_PYTHON:-python3}
  cuda=${CUDA_HOME:-/usr/local/cuda}
  cublas=${FLAMBEAU_CUBLAS:-$(find_cublas | head -1)}
  checker=$(command -v compute-sanitizer || ls "$cuda"/bin/compute-sanitizer 2>/dev/null)
  go rm -rf "$logs"
  go mkdir -p "$out" "$logs"
  # cuBLASLt writes down what it refuses, a file a process.
  go export CLASSPATH="$(class_path)" CUBLASLT_LOG_LEVEL=1 CUBLASLT_LOG_FILE="$logs/cublaslt-%i.log"
  java=("$bundle/java/bin/java" --enable-native-access=ALL-UNNAMED -Xmx4g -Djava.awt.headless=true
    -XX:ErrorFile="$logs/hs_err_%p.log" -XX:-CreateCoredumpOnCrash
    -Dorg.bytedeco.javacpp.cachedir="${TMPDIR:-/tmp}/flambeau-cuda-$(id -u)" -Dflambeau.blas=none)
  [ -z "$cublas" ] || java+=(-Dflambeau.cublas="$cublas")
  [ -z "${FLAMBEAU_CUDA_LIBRARY:-}" ] || java+=(-Dflambeau.cuda.library="$FLAMBEAU_CUDA_LIBRARY")
}
junit=(org.junit.platform.console.ConsoleLauncher execute --disable-banner --disable-ansi-colors
  --details=testfeed --fail-if-no-tests --include-classname '.*')

# ---- stages: each has a name, a file of output and one of its status in $logs

planned=()
plan() { planned+=("$@"); }

running=()
most=64 # at once

# Starts a stage: its name, seconds, the signal that ends it then, and the command. A JVM answers QUIT by printing what its
# threads do; 3 seconds later it is killed.
launch() {
  local name=$1 seconds=$2 signal=$3
  shift 3
  if [ -n "$dry" ]; then
    printf '%s >%q 2>&1\n' "$(go timeout -s "$signal" -k 3 "$seconds" "$@")" "$logs/$name.txt"
    return
  fi
  while [ "$(jobs -rp | wc -l)" -ge "$most" ]; do
    wait -n
  done
  : >"$logs/$name.txt"
  (
    start=$SECONDS
    timeout -s "$signal" -k 3 "$seconds" "$@" >"$logs/$name.txt" 2>&1 &
    trap 'kill $!' TERM
    wait $!
    echo "$? $((SECONDS - start)) $seconds" >"$logs/$name.status"
    row "$name"
  ) 2>/dev/null & # the shell's "Killed"
  running+=($!)
}

# Until all stages that were started have ended.
collect() {
  [ ${#running[@]} = 0 ] || wait "${running[@]}"
  running=()
}

# Ends what still runs: for a script that is told to end.
abandon() {
  [ ${#running[@]} = 0 ] || kill "${running[@]}" 2>/dev/null
}

# ---- what is tested

contract=(Pointwise Sequences Halves Dtypes Strided Axis Loss CrossEntropy Matrix Index Random Optim MemoryAndThreads)
kernels=dev.flambeau.spi.contract.KernelsContract
# contract-: the contract wants a bad index told by the very call, so every call waits. async-: the kernels as programs use
# them. own-: products by our own kernels.
contract_suites=("${contract[@]/#/contract-}" own-Matrix)
async_suites=(async-Matrix async-Axis async-Optim)
program_suites=(products ops notes training)

# A suite of tests in a JVM of its own: its name, seconds, and steps of training.
tests() {
  local name=$1 seconds=$2 steps=$3 settings=() select=()
  case $name in
    contract-*) settings=(-Dflambeau.cuda.sync=true) select=("$kernels\$${name#*-}") ;;
    own-*) settings=(-Dflambeau.cuda.sync=true -Dflambeau.cublas=none) select=("$kernels\$${name#*-}") ;;
    async-*) select=("$kernels\$${name#*-}") ;;
    products) select=(dev.flambeau.cuda.GpuProductTest) ;;
    ops)
      settings=(-Dflambeau.test.device=cuda:0)
      select=(dev.flambeau.OpForwardTest dev.flambeau.DeviceTest dev.flambeau.DeviceProgramTest)
      ;;
    notes) settings=(-Dflambeau.test.cpu=dev.flambeau.cuda.CudaAsCpuBackend) select=(dev.flambeau.notes.NotesTest) ;;
    training) settings=(-Dflambeau.test.gpu.steps="$steps") select=(dev.flambeau.cuda.GpuTrainingTest) ;;
  esac
  launch "$name" "$seconds" QUIT "${java[@]}" ${settings[@]+"${settings[@]}"} "${junit[@]}" \
    "${select[@]/#/--select-class=}"
}

# ---- compute-sanitizer: some kernels, as the whole contract would take hours

checkers=(memcheck racecheck synccheck)
checked=(Index Matrix CrossEntropy Axis)
sanitized=()
for tool in "${checkers[@]}"; do
  sanitized+=("${checked[@]/#/$tool-}")
done

# A class of the contract under a checker, each in a process of its own: seconds. Every block of memory is an allocation of
# its own there: inside one that several share, nobody sees a kernel leave its block.
sanitize() {
  local name
  if [ -z "$checker" ] && [ -z "$dry" ]; then
    echo "there is no compute-sanitizer on PATH or in $cuda/bin" >&2
    return 1
  fi
  for name in "${sanitized[@]}"; do
    # A refused allocation is part of the contract: no error of ours.
    launch "$name" "$1" TERM env FLAMBEAU_CUDA_EXACT=1 "${checker:-compute-sanitizer}" --tool "${name%-*}" \
      --report-api-errors no --error-exitcode 9 --log-file "$logs/$name.log" \
      "${java[@]}" -Dflambeau.cublas=none -Dflambeau.cuda.sync=true "${junit[@]}" --select-class="$kernels\$${name#*-}"
  done
}

# ---- the rest

report() {
  launch report "$1" QUIT "${java[@]}" dev.flambeau.cuda.GpuReport
  collect
  [ -n "$dry" ] || [ "$(cut -d' ' -f1 "$logs/report.status")" = 0 ]
}

# Seconds, how many fresh processes are timed (empty: as it comes), then options of GpuBench.
benchmark() {
  local seconds=$1 starts=$2
  shift 2
  launch bench "$seconds" TERM "${java[@]}" -Dbench.python="$python" -Dbench.worker="$bundle/gpu.py" \
    ${starts:+-Dbench.starts="$starts"} dev.flambeau.bench.gpu.GpuBench "$logs/gpu.md" "$@"
}

# ---- what became of it

# What JUnit has said so far, also where it was killed then: how many tests ended in a way, and which one did not end.
count() { grep -c ":: \($2\)\$" "$logs/$1.txt"; }
counts() {
  local last
  printf '%s passed, %s failed, %s skipped' "$(count "$1" SUCCESSFUL)" "$(count "$1" FAILED)" \
    "$(count "$1" 'ABORTED\|SKIPPED')"
  last=$(grep ' :: [A-Z]*$' "$logs/$1.txt" | tail -1)
  [ "${last%:: STARTED}" = "$last" ] || printf '; not ended: %s' "${last%:: STARTED}"
}

# What a stage came to: a word, its seconds, and a sentence, with tabs between.
verdict() {
  local name=$1 code seconds limit word said= accuracy
  if [ ! -f "$logs/$name.status" ]; then
    [ -f "$logs/$name.txt" ] && word='not ended' || word='not reached'
    printf '%s\t-\t\n' "$word"
    return
  fi
  read -r code seconds limit <"$logs/$name.status"
  case $code in
    0) word=agreed ;;
    124) word='timed out' ;;
    137) [ "$seconds" -ge "$limit" ] && word='timed out' || word=killed ;;
    143) word=ended ;;
    *) word=FAILED ;;
  esac
  grep -q 'A fatal error has been detected by the Java' "$logs/$name.txt" && word=crashed
  case $name in
    report) said=$(sed -n 's/^ *\(cuda: .*\)/\1/p' "$logs/report.txt" | cut -c1-180) ;;
    jmh) ;;
    warm) [ "$word" = agreed ] || word=skipped said='no PyTorch with CUDA' ;;
    bench) said=$(sed -n 's/^- \(targets: .*\)/\1/p' "$logs/gpu.md" 2>/dev/null) ;;
    chapter-*)
      said="$(grep -c "device='cuda:0'" "$logs/$name.txt") tensors printed from the GPU"
      [ "$code $said" != "0 0 tensors printed from the GPU" ] || word=FAILED
      ;;
    fashion-mnist)
      accuracy=$(sed -n 's/^test accuracy //p' "$logs/$name.txt")
      said="test accuracy ${accuracy:-none}, to be 0.847 to 0.860"
      awk -v a="${accuracy:-0}" 'BEGIN { exit !(a >= 0.847 && a <= 0.860) }' || [ "$word" != agreed ] || word=FAILED
      ;;
    *)
      said=$(counts "$name")
      [ -f "$logs/$name.log" ] && said="$said; $(tail -1 "$logs/$name.log")"
      # Nothing but skipped tests is no success.
      [ "$code $(count "$name" SUCCESSFUL)" != "0 0" ] || { word=FAILED said="no test ran: $said"; }
      ;;
  esac
  [ "$word" != crashed ] || said="$said; $(sed -n '/Problematic frame/{n;s/^# *//p;q}' "$logs/$name.txt")"
  printf '%s\t%s\t%s\n' "$word" "$seconds" "$said"
}

# The verdict as a row of the summary.
row() {
  local word seconds said
  IFS=$'\t' read -r word seconds said < <(verdict "$1")
  printf '%-12s %5s  %-25s %s\n' "$word" "$seconds" "$1" "$said"
}

# A title, then a row a planned stage, then what failed.
summary() {
  local name
  printf '%s\n%s\n\n%-12s %5s  %-25s %s\n' "$1" "$(cat "$logs/card.txt" 2>/dev/null)" outcome s stage ''
  for name in ${planned[@]+"${planned[@]}"}; do
    row "$name"
  done
  echo
  # Tests that failed, each with the first line of the reason; then JVMs that crashed.
  grep -h -A1 ':: FAILED$' "$logs"/*.txt 2>/dev/null | cut -c1-180 | grep -v '^--' | head -50
  ls "$logs"/hs_err_* 2>/dev/null
  return 0
}

# Whether every planned stage agreed.
all_agreed() {
  local name
  for name in ${planned[@]+"${planned[@]}"}; do
    verdict "$name" | grep -q '^agreed\|^skipped' || return 1
  done
}

# GPU, driver and memory, for the summary.
card() {
  local query=(timeout -k 3 20 nvidia-smi --format=csv,noheader
    --query-gpu=name,driver_version,memory.total,memory.used,clocks.max.sm)
  if [ -n "$dry" ]; then
    go "${query[@]}"
  else
    "${query[@]}" >"$logs/card.txt" 2>/dev/null || echo 'nvidia-smi says nothing' >"$logs/card.txt"
  fi
}

# All that is known so far, in two files of $out: whole ones, whenever this is ended. The archive's name without .tgz, and
# the title of the summary.
keep() {
  local part=$out/$1.part pack=(tar -czf "$out/$1.part" -C "$bundle" logs)
  if [ -n "$dry" ]; then
    go "${pack[@]}"
    go mv -f "$part" "$out/$1.tgz"
    return
  fi
  summary "$2" >"$logs/summary.txt"
  cp "$logs/summary.txt" "$out/summary.part" && mv -f "$out/summary.part" "$out/summary.txt"
  "${pack[@]}" 2>/dev/null # 1: a file grew meanwhile
  [ $? -le 1 ] && mv -f "$part" "$out/$1.tgz"
}
