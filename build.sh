#!/bin/sh
# The one entry to this workbook: runs the labs and their tests, and gets what they need. `./build.sh help` lists the words.
#
# The labs are plain JBang scripts. This script only makes them quick: it compiles all of them once into build/, and from
# then on starts the JVM directly. Everything it makes lives in build/ (or in your cache folder, if that cannot be written).
set -eu

JBANG=0.132.1       # the same for everyone, so that everyone sees the same
JDK_NEEDED=17

say()  { if [ -t 2 ]; then tell "$@"; fi; }     # progress: only for a person who is watching
tell() { printf 'build.sh: %s\n' "$*" >&2; }
die()  { code=$1; shift; tell "$@"; exit "$code"; }

help() {
    cat <<END
Usage: ./build.sh WORD [arguments]

  run LAB [options]          run one lab, for example: ./build.sh run Uts
  run all [options]          run every lab in turn (with --json: one array of their records)
  test [--strict] [LAB...]   run the tests of all labs, or of these
  test book [--strict]       run the tests of the book
  predict [LAB...]           write the questions of a chapter to predictions/LAB.txt, to be answered before the lab is run
  watch [NAME] [options]     judge an exercise whenever you save it, with hints; without NAME the first that is not done
  hand-in ID [options]       pack your exercises, records and predictions for your teacher
  grade DIR [options]        grade what students hand in; for authors: grade try FILE..., grade gate [NAME...]
  new-exercise NAME --lab LAB --claim ID...  the files of a new exercise, for its author to fill in
  claims                     list every claim: the lab, the rows of the curriculum, the tests that verify it
  book [html|pdf|epub|all]   render the course book to build/book (default: html; --draft renders one with problems too)
  book serve [--port N]      show the book on this machine, and render it anew whenever a source changes
  outputs [--check] [NAME...]  capture anew what the labs and the sessions of the book print (--check only compares)
  bench [run|grade]          measure the workbook against plain JBang, side by side
  doctor [options]           say what this machine allows, and what to do about the rest
  jbang ARGUMENTS            hand everything to JBang $JBANG
  clean                      remove what this script has built
  help                       this text

The options of a lab: ./build.sh run Uts --help
Labs: $(labs | paste -sd " " -)
END
}

# ---- the machine: a JDK, and the programs that the labs call --------------------------------------------------------------

# A JDK says its version in its release file, so no JVM need be started to ask.
is_jdk() {
    major=0
    [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    while IFS='="' read -r name _ value _; do
        if [ "$name" = JAVA_VERSION ]; then major=${value%%[!0-9]*}; fi
    done < "$1/release"
    [ "$major" -ge $JDK_NEEDED ]
}

find_jdk() {    # sets $jdk
    wrong=
    if [ -n "${JAVA_HOME:-}" ]; then
        jdk=$JAVA_HOME
        case $jdk in /*) ;; *) jdk=$PWD/$jdk ;; esac
        if is_jdk "$jdk"; then return 0; fi
        wrong="JAVA_HOME=$JAVA_HOME is not a JDK $JDK_NEEDED or newer"
    fi
    jdk=$(readlink -f "$(command -v javac)" 2>/dev/null) || jdk=
    for jdk in "${jdk%/bin/javac}" /usr/lib/jvm/*; do
        if is_jdk "$jdk"; then
            if [ -n "$wrong" ]; then tell "$wrong; using $jdk instead."; fi
            return 0
        fi
    done
    if [ -n "$wrong" ]; then tell "$wrong."; fi
    return 1
}

need_jdk() {
    find_jdk && return
    distribution
    install "a JDK $JDK_NEEDED or newer" "$jdk_package" || exit 77
    find_jdk || die 77 "There is still no JDK $JDK_NEEDED or newer."
}

# Sets $installer, and what this distribution calls the packages whose names differ.
distribution() {
    installer='' jdk_package='' procps=procps iproute=iproute2 ping=iputils ID='' ID_LIKE='' VERSION_CODENAME='' UBUNTU_CODENAME=''
    # shellcheck source=/dev/null
    if [ -r /etc/os-release ]; then . /etc/os-release; fi
    case " $ID $ID_LIKE " in
        *' debian '*|*' ubuntu '*) installer='apt-get install -y' ping=iputils-ping
            case ${UBUNTU_CODENAME:-$VERSION_CODENAME} in   # later ones may have no 17, and earlier defaults are too old
                bullseye|bookworm|focal|jammy) jdk_package=openjdk-17-jdk-headless ;;
                *) jdk_package=default-jdk-headless ;;
            esac ;;
        *' fedora '*|*' rhel '*) installer='dnf install -y' jdk_package=java-21-openjdk-devel procps=procps-ng iproute=iproute ;;
        *' arch '*) installer='pacman -S --needed' jdk_package=jdk17-openjdk procps=procps-ng ;;
        *' alpine '*) installer='apk add' jdk_package=openjdk17-jdk ;;
        *suse*) installer='zypper install -y' jdk_package=java-17-openjdk-devel ;;
    esac
}

# install WHAT PACKAGES: as root on Debian and its family does it, elsewhere says the command. Fails if it did not install.
install() {
    if [ "$installer" = 'apt-get install -y' ] && [ "$(id -u)" = 0 ]; then
        tell "Missing: $1. Running: apt-get update && apt-get install -y $2"
        # shellcheck disable=SC2086  # several packages
        if log=$(exec 2>&1 </dev/null; apt-get update; DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $2)
        then return 0; fi
        printf '%s\n' "$log" >&2
        tell "This did not work."
    else
        tell "Missing: $1. As root: ${installer:-install a package like} ${2:-openjdk-17-jdk}"
    fi
    return 1
}

# A lab that misses its program says so itself and exits 77. So this is help, not a condition, and only when building.
check_programs() {
    distribution
    missing='' wanted=''
    for pair in unshare:util-linux nsenter:util-linux ipcs:util-linux "ps:$procps" "ip:$iproute" "ping:$ping"; do
        PATH=$PATH:/usr/sbin:/sbin command -v "${pair%:*}" >/dev/null && continue
        missing="$missing ${pair%:*}"
        case " $wanted " in *" ${pair#*:} "*) ;; *) wanted="$wanted ${pair#*:}" ;; esac
    done
    if [ -n "$wanted" ]; then install "${missing# }" "${wanted# }" || tell "Going on without. The labs that need it will say so."; fi
    command -v newuidmap >/dev/null || say "Optional: newuidmap (package uidmap or shadow), for one part of the lab Maps."
}

# ---- the caches -----------------------------------------------------------------------------------------------------------

# Sets $cache, where this user may write: build/ in the clone, or else a folder of the user's own.
find_cache() {
    cache=$here/build
    if mkdir -p "$cache/labs" 2>/dev/null && probe=$(mktemp -d "$cache/new.XXXXXX" 2>/dev/null); then rmdir "$probe"; return; fi
    own_cache
    cache=$own
    mkdir -p "$cache/labs" || die 77 "Cannot write to $cache. Set XDG_CACHE_HOME to a folder of yours."
}

own_cache() {   # sets $own
    base=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}
    if ! mkdir -p "$base" 2>/dev/null || [ ! -w "$base" ]; then
        # Last resort. Others may write to /tmp too, so take a folder there only if it is ours alone.
        base=${TMPDIR:-/tmp}/namespace-labs-$(id -u)
        mkdir -m 700 "$base" 2>/dev/null || [ -n "$(find "$base" -prune -type d -user "$(id -u)" -perm 700)" ] \
            || die 77 "$base is not yours. Set XDG_CACHE_HOME to a folder of yours."
    fi
    own=$base/namespace-labs/$(printf %s "$here" | cksum | tr ' ' -)
}

# One builder at a time. Without flock two may do the same work, but the renames keep what is there whole.
lock()   { if command -v flock >/dev/null; then exec 9>"$cache/lock"; flock -n 9 || { say "Waiting for another build."; flock 9; }; fi; }
unlock() { give_back; exec 9>&-; }

# After sudo, what root has made in somebody's clone must not stand in that user's way.
give_back() {
    owner=$(stat -c %u:%g "$here")
    if [ "$cache" = "$here/build" ] && [ "${owner%:*}" != 0 ] && [ "$(id -u)" = 0 ]; then chown -hR "$owner" "$cache" || :; fi
}

# Everything is made in a folder of this process, and renamed when it is whole. So whatever has its name is good.
work=
new_folder() { [ -n "$work" ] || work=$(mktemp -d "$cache/new.XXXXXX"); tmp=$work/$1; rm -rf "$tmp"; mkdir "$tmp"; }
sweep() { if [ -n "$work" ]; then rm -rf "$work"; fi; work=; }
trap sweep EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

# publish FOLDER NAME: renames it to $cache/NAME. If another was quicker, mv moves ours into theirs, and we remove ours.
publish() {
    chmod -R a+rX "$1"
    mkdir -p "$cache/${2%/*}"
    mv "$1" "$cache/$2"
    rm -rf "${cache:?}/$2/${1##*/}"
}

# ---- JBang ----------------------------------------------------------------------------------------------------------------

find_jbang() {  # sets $jbang, a folder with its jars
    for jbang in "$here/build/tools/jbang-$JBANG" "$cache/tools/jbang-$JBANG"; do [ -d "$jbang" ] && return; done
    return 1
}

get_jbang() {   # sets $jbang or, for a JBang that is not ours, $jbang_command
    jbang_command=${NSLABS_JBANG:-}
    if [ -n "$jbang_command" ] || find_jbang; then return; fi
    new_folder jbang
    if ! jbang_from_maven "$tmp" && ! jbang_from_installer "$tmp"; then
        if jbang_command=$(command -v jbang); then tell "Using $jbang_command, which may not be JBang $JBANG."; return; fi
        distribution
        if command -v mvn >/dev/null || ! install "JBang $JBANG, and Maven to get it" maven || ! jbang_from_maven "$tmp"; then
            die 77 "No JBang. Install Maven, connect to the network, and try again; or set NSLABS_JBANG to a jbang command."
        fi
    fi
    publish "$tmp" "tools/jbang-$JBANG"
    find_jbang
}

jbang_from_maven() {
    command -v mvn >/dev/null || return 1
    tell "Taking JBang $JBANG with Maven (once)."
    # Gson is named because with the older one that JBang's pom names, JBang finds no alias in any catalog.
    cat > "$1/pom.xml" <<END
<project><modelVersion>4.0.0</modelVersion><groupId>build</groupId><artifactId>build</artifactId><version>1</version>
<dependencies><dependency><groupId>dev.jbang</groupId><artifactId>jbang-cli</artifactId><version>$JBANG</version></dependency>
<dependency><groupId>com.google.code.gson</groupId><artifactId>gson</artifactId><version>2.13.1</version></dependency></dependencies></project>
END
    copy="org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DincludeScope=runtime -DoutputDirectory=."
    # The second try is for who has no home to write to.
    for repository in '' "-Dmaven.repo.local=$cache/m2"; do
        # shellcheck disable=SC2086  # several words
        if (cd "$1" && JAVA_HOME=$jdk mvn -B -q $copy ${repository:+"$repository"} >log 2>&1 </dev/null); then return; fi
    done
    cat "$1/log" >&2
    return 1
}

# As JBang's documentation says, but into a folder of ours.
jbang_from_installer() {
    url=https://sh.jbang.dev
    command -v bash >/dev/null || return 1
    tell "Taking JBang $JBANG with its installer, $url (once)."
    { curl -fsSL "$url" || wget -qO- "$url"; } 2>/dev/null \
        | JAVA_HOME=$jdk JBANG_DIR=$1/home JBANG_DOWNLOAD_VERSION=$JBANG bash -s - version >&2 || :
    mv "$1/home/bin/jbang.jar" "$1/jbang.jar" 2>/dev/null && rm -rf "${1:?}/home"
}

jbang_environment() {
    export JAVA_HOME="$jdk" JBANG_DIR="$cache/jbang-home" JBANG_REPO="$cache/m2" JBANG_NO_VERSION_CHECK=true JBANG_RUNTIME_SHELL=bash
    # Someone else's build/ is a good start for a cache of our own, which then needs no network.
    if [ ! -d "$cache/m2" ] && [ -d "$here/build/m2" ]; then cp -R "$here/build/m2" "$cache/m2" 2>/dev/null || :; fi
}

jbang_java() {
    "$jdk/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -cp "$jbang/*" dev.jbang.Main "$@"
}

# JBang exits with 255 to say: run the command that I printed. Under the lock, because two JBangs that build the same script
# at the same time spoil each other's work; the command itself then runs without it.
run_jbang() {
    need_jdk; find_cache; lock; get_jbang; jbang_environment
    # shellcheck disable=SC2086  # a command may have several words
    if [ -n "$jbang_command" ]; then sweep; unlock; exec $jbang_command "$@"; fi
    code=0
    command=$(jbang_java "$@") || code=$?
    sweep
    unlock
    if [ $code = 255 ]; then eval "exec $command"; fi
    if [ -n "$command" ]; then printf '%s\n' "$command"; fi
    exit $code
}

# ---- the labs -------------------------------------------------------------------------------------------------------------

labs() { for lab in "$here"/labs/*.java; do lab=${lab##*/}; echo "${lab%.java}"; done; }

find_lab() {    # sets $lab, from a name in any case
    lab=$1
    if [ -f "$here/labs/$lab.java" ] && [ "$lab" = "${lab##*/}" ]; then return; fi
    lab=$(labs | grep -ixF -e "$1") || die 2 "There is no lab '$1'. The labs: $(labs | paste -sd " " -)"
}

# Sets $built if the labs are there, compiled from exactly these sources by exactly this JDK. The path is part of the key
# because the JVM accepts a class archive only at the path where it was made.
find_built() {
    set -- "$here"/labs/*.java "$here"/labs/kit/*.java "$here"/labs/kit/*/*.java "$here/build.sh" "$jdk/release"
    key=$({ printf '%s\n' "$@"; cat "$@"; } | cksum)
    key=${key% *}-${key#* }
    built=$here/build/labs/$key
    [ -e "$built/labs.jsa" ] && return
    find_cache
    built=$cache/labs/$key
    [ -e "$built/labs.jsa" ]
}

need_labs() {   # sets $built; fails if the labs do not compile
    need_jdk
    find_built && return
    lock
    if ! find_built; then
        check_programs
        if [ ! -e "$built/labs.jar" ]; then compile_labs || { sweep; unlock; return 1; }; fi
        train
        prune
        sweep
    fi
    unlock
}

compile_labs() {
    say "Compiling the labs."
    new_folder labs
    to=$tmp
    get_dependencies "$to" || return 1
    mkdir "$to/classes"
    "$jdk/bin/javac" --release $JDK_NEEDED -encoding UTF-8 -proc:none -nowarn -cp "$to/lib/*" -d "$to/classes" \
        "$here"/labs/*.java "$here"/labs/kit/*.java "$here"/labs/kit/*/*.java >&2 || return 1
    "$jdk/bin/jar" --create --file "$to/labs.jar" -C "$to/classes" . || return 1
    rm -r "$to/classes"
    publish "$to" "labs/$key"
}

# The jars that the labs name, and JNA's native library, which JNA would otherwise unpack at every start: from a build
# that had the same, or else through JBang.
get_dependencies() {
    { uname -m; sed -n 's|^//DEPS *||p' "$here"/labs/*.java "$here"/labs/kit/*.java "$here"/labs/kit/*/*.java | sort -u; } > "$1/dependencies"
    for old in "$here"/build/labs/* "$cache"/labs/*; do
        if cmp -s "$old/dependencies" "$1/dependencies"; then cp -R "$old/lib" "$old/native" "$1"; return; fi
    done
    mkdir "$1/lib" "$1/native"
    get_jbang
    jbang_environment
    set -- "$1" info classpath --deps-only "$here/labs/kit/Lab.java"
    if [ -n "$jbang_command" ]; then jars=$(shift; $jbang_command "$@"); else jars=$(shift; jbang_java "$@"); fi || return 1
    (IFS=:; set -f; for jar in $jars; do cp "$jar" "$1/lib" || exit; done) || return 1
    library=com/sun/jna/linux-$(uname -m | tr _ -)/libjnidispatch.so
    (cd "$1/native" && "$jdk/bin/jar" xf ../lib/jna-*.jar "$library" && mv "$library" . && rm -r com) || :
}

# A class archive saves a third of the start. It is made by running a lab once. An empty one says that it could not be made.
train() {
    say "Making the class archive."
    new_folder archive
    archive=$tmp/labs.jsa
    (launch "-XX:ArchiveClassesAtExit=$archive" Uts --json) >/dev/null 2>&1 </dev/null || :
    (launch "-XX:SharedArchiveFile=$archive" Uts --version) >/dev/null 2>&1 </dev/null || { rm -f "$archive"; : > "$archive"; }  # the JVM makes it read-only
    if [ ! -e "$archive" ]; then : > "$archive"; fi
    chmod a+r "$archive"
    mv "$archive" "$built/labs.jsa"
}

# Keeps the three builds used last, and any that was used in the last ten minutes: someone may be just starting it.
prune() {
    find "$cache" -maxdepth 1 -name 'new.*' -mmin +60 -exec rm -rf {} + || :
    # shellcheck disable=SC2012  # the names are numbers
    (cd "$cache/labs" && ls -td ./*/ | tail -n +4 | while read -r old; do
        [ -z "$(find "$old" -prune -mmin -10)" ] && [ -z "$(find "$old/used" -mmin -10 2>/dev/null)" ] && rm -rf "$old"
    done) || :
}

# launch ARCHIVE LAB [options]: becomes the lab. All paths are absolute and nothing is taken from the environment, because
# a lab may start itself again from its own command line. The JVM would print its own warnings on stdout, so it must not log.
launch() {
    archive_option=$1; shift
    jars=$built/labs.jar
    for jar in "$built"/lib/*.jar; do jars=$jars:$jar; done
    exec "$jdk/bin/java" ${archive_option:+"$archive_option"} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xshare:auto \
        -Xlog:disable --enable-native-access=ALL-UNNAMED \
        "-Djna.boot.library.path=$built/native" -Djna.nounpack=true -cp "$jars" "$@"
}

start() {       # start LAB [options]: from the build, or through JBang if the labs do not compile together
    if [ -n "$built" ]; then
        { true > "$built/used"; } 2>/dev/null || true
        if [ -s "$built/labs.jsa" ]; then launch "-XX:SharedArchiveFile=$built/labs.jsa" "$@"; else launch '' "$@"; fi
    fi
    lab=$1; shift
    run_jbang "$here/labs/$lab.java" "$@"
}

run() {
    [ $# -gt 0 ] || die 2 "Run which lab? One of these, or all: $(labs | paste -sd " " -)"
    if [ "$1" = all ]; then lab=all; else find_lab "$1"; fi
    shift
    if ! need_labs; then built=; tell "The labs do not compile together. Trying without the others, through JBang."; fi
    if [ "$lab" = all ]; then run_all "$@"; else start "$lab" "$@"; fi
}

# Exits with the worst: a claim that does not hold (1) is worse than wrong usage (2), and that than a machine that cannot (77).
run_all() {
    json=
    for option in "$@"; do if [ "$option" = --json ]; then json=1; fi; done
    worst=0 comma=
    if [ -n "$json" ]; then echo '['; fi
    for lab in $(labs); do
        code=0
        if [ -n "$json" ]; then
            record=$(start "$lab" "$@") || code=$?
            if [ -n "$record" ]; then printf '%s%s\n' "$comma" "$record"; comma=,; fi
        else
            (start "$lab" "$@") || code=$?
        fi
        case $worst:$code in
            *:0|1:*) ;;
            2:2|2:77|77:77) ;;
            *:2|*:77) worst=$code ;;
            *) worst=1 ;;
        esac
    done
    if [ -n "$json" ]; then echo ']'; fi
    exit $worst
}

# The tests of the book are a program of their own, for they need a browser and many libraries.
run_tests() {
    need_labs || :      # first, because the tests run many labs at the same time
    export NSLABS_HOME="$here"
    if [ "${1:-}" = book ]; then shift; run_jbang "$here/tests/book/BookTests.java" "$@"; fi
    run_jbang "$here/tests/Tests.java" "$@"
}

grade() {
    need_labs
    export NSLABS_BUILT="$built"
    grader "$@"
}

# The grader and what belongs to it are one program. JBang takes a second to find out that nothing of it has changed; so the
# command that it gives is kept, for these sources and this JDK.
grader() {
    need_jdk
    find_cache
    export NSLABS_HOME="$here"
    kept=$cache/grader/$(grader_key)
    if [ -n "${NSLABS_JBANG:-}" ]; then run_jbang "$here/tests/Grade.java" "$@"; fi
    if [ ! -s "$kept" ] || [ ! -d "$cache/jbang-home/cache/jars" ]; then
        lock; get_jbang; jbang_environment
        if [ -n "$jbang_command" ]; then run_jbang "$here/tests/Grade.java" "$@"; fi
        code=0
        command=$(jbang_java "$here/tests/Grade.java") || code=$?
        if [ $code != 255 ]; then sweep; unlock; exit $code; fi
        new_folder grader
        printf '%s\n' "$command" > "$tmp/command"
        mkdir -p "$cache/grader"
        mv "$tmp/command" "$kept"
        find "$cache/grader" -type f -mtime +30 -exec rm -f {} +
        sweep
        unlock
    fi
    eval "exec $(cat "$kept") \"\$@\""
}

grader_key() {
    set -- "$here"/tests/Grade.java "$here"/tests/grader/*/*.java "$here"/tests/outside/*.java "$here"/labs/kit/*.java "$here"/labs/kit/*/*.java "$here/build.sh" "$jdk/release"
    { printf '%s\n' "$@"; cat "$@"; } | cksum | tr ' ' -
}

book() {
    export NSLABS_HOME="$here"
    format=${1:-html}
    case $format in html|pdf|epub|all|serve) [ $# -eq 0 ] || shift ;; *) format=html ;; esac
    case $format in
        html)  run_jbang "$here/docs/Book.java" "$@" ;;
        serve) run_jbang "$here/docs/Book.java" --serve "$@" ;;
        all)   (run_jbang "$here/docs/Book.java" "$@") && (run_jbang "$here/docs/Paper.java" pdf epub "$@") ;;
        *)     run_jbang "$here/docs/Paper.java" "$format" "$@" ;;
    esac
}

outputs() {
    need_labs
    export NSLABS_HOME="$here"
    run_jbang "$here/docs/Outputs.java" "$@"
}

bench() {
    need_labs
    export NSLABS_HOME="$here"
    run_jbang "$here/tests/Bench.java" "$@"
}

clean() {
    own_cache
    rm -rf "$here/build" "$own"
}

# ---------------------------------------------------------------------------------------------------------------------------

here=$0
if [ -L "$here" ]; then here=$(readlink -f "$here"); fi
case $here in */*) here=${here%/*} ;; *) here=. ;; esac
here=$(CDPATH='' cd -- "$here/" && pwd -P)
case $here in *:*) die 77 "Java cannot work in a folder with a colon in its name: $here" ;; esac

word=${1:-}
[ $# -eq 0 ] || shift
case $word in
    run)    run "$@" ;;
    test)   run_tests "$@" ;;
    grade)  grade "$@" ;;
    watch)  grade watch "$@" ;;
    predict|hand-in|new-exercise) grader "$word" "$@" ;;
    claims) NSLABS_HOME=$here; export NSLABS_HOME; run_jbang "$here/tests/Claims.java" "$@" ;;
    book)   book "$@" ;;
    outputs) outputs "$@" ;;
    bench)  bench "$@" ;;
    doctor) run Doctor "$@" ;;
    jbang)  run_jbang "$@" ;;
    clean)  clean ;;
    help|-h|--help) help ;;
    *)      help >&2; exit 2 ;;
esac
