/// The shell scripts that pgdr runs on a node's host, as the account of its server.
///
/// Their texts never change: what varies comes as `$1`, `$2`, … or by standard input. Each may be run again after it
/// was cut off anywhere. `$1` is always the data directory, `$2` what the names of the run's own files end with.
struct RunScript: Sendable {
    /// Its name, which its processes show.
    var name: String
    /// Its text.
    var text: String

    /// Leaves a standby's mark: settings at the end of `postgresql.auto.conf` and `standby.signal`.
    ///
    /// The file is replaced in one step, from its state before the run, so that it can be done again and taken back. Its
    /// last line may have no end.
    static let markStandby = RunScript(
        name: "mark-standby",
        text: """
            set -eu
            cd "$1"
            test -f PG_VERSION
            auto=postgresql.auto.conf
            if test ! -e "$auto.$2" && test ! -h "$auto.$2"; then
                cp -pP "$auto" "$auto.$2.tmp"
                mv -f "$auto.$2.tmp" "$auto.$2"
            fi
            rm -f "$auto.$2.new"
            cp -p "$auto.$2" "$auto.$2.new"
            chmod u+w "$auto.$2.new"
            { echo; cat; } >>"$auto.$2.new"
            test -w "$auto.$2" || chmod u-w "$auto.$2.new"
            : >standby.signal
            mv -f "$auto.$2.new" "$auto"
            """)

    /// Takes the mark back.
    static let unmarkStandby = RunScript(
        name: "unmark-standby",
        text: """
            set -eu
            cd "$1"
            test -f PG_VERSION
            rm -f standby.signal "postgresql.auto.conf.$2.new" "postgresql.auto.conf.$2.tmp"
            if test -e "postgresql.auto.conf.$2" || test -h "postgresql.auto.conf.$2"; then
                mv -f "postgresql.auto.conf.$2" postgresql.auto.conf
            fi
            """)

    /// Removes what was kept for taking the mark back.
    static let settle = RunScript(
        name: "settle",
        text: """
            set -eu
            cd "$1"
            test -f PG_VERSION
            rm -f "postgresql.auto.conf.$2" "postgresql.auto.conf.$2.new" "postgresql.auto.conf.$2.tmp"
            """)

    /// Whether the mark of this run is there.
    static let isMarked = RunScript(
        name: "is-marked",
        text: """
            cd "$1" && test -e standby.signal && test -e "postgresql.auto.conf.$2" && echo marked
            """)

    /// Makes sure that whatever starts the server can't start it as a primary; the fence's own file remembers whether
    /// it was a standby anyway.
    static let leaveFence = RunScript(
        name: "leave-fence",
        text: """
            set -eu
            cd "$1"
            test -f PG_VERSION
            if test ! -e pgdr.fence; then
                if test -e standby.signal; then echo standby >pgdr.fence; else echo primary >pgdr.fence; fi
            fi
            : >standby.signal
            """)

    /// Whether that was done.
    static let isFenced = RunScript(
        name: "is-fenced",
        text: """
            cd "$1" && test -e standby.signal && test -e pgdr.fence && echo fenced
            """)

    /// Takes it back.
    static let removeFence = RunScript(
        name: "remove-fence",
        text: """
            set -eu
            cd "$1"
            test -f PG_VERSION
            if test -e pgdr.fence; then
                read -r was <pgdr.fence
                if test "$was" = primary; then rm -f standby.signal; fi
                rm -f pgdr.fence
            fi
            """)

    /// Makes the fence an ordinary standby's mark.
    static let forgetFence = RunScript(
        name: "forget-fence",
        text: """
            rm -f "$1/pgdr.fence"
            """)

    /// Ends the server's processes at once, where it doesn't stop when told to.
    ///
    /// Without its first process the others would go on for a while; the pid file tells which one that is, and its
    /// current directory that the number isn't somebody else's by now.
    static let kill = RunScript(
        name: "kill",
        text: """
            set -eu
            read -r pid <"$1/postmaster.pid"
            pid=${pid#-}
            test "/proc/$pid/cwd" -ef "$1"
            for process in $(ps -o pid= --ppid "$pid") "$pid"; do kill -KILL "$process" 2>/dev/null || :; done
            """)

    /// What of a data directory the control file doesn't tell: a line of words, then the history file `$2` if it is there.
    ///
    /// Not one of a run: only the data directory is `$1`.
    static let lookIntoData = RunScript(
        name: "look-into-data",
        text: """
            cd "$1" || exit 1
            words=
            test ! -e backup_label || words="$words copy"
            test ! -e standby.signal || words="$words standby"
            if test -e pgdr.fence; then read -r was <pgdr.fence; words="$words fenced-$was"; fi
            if test -f "pg_wal/$2"; then words="$words history"; fi
            echo "$words"
            if test -f "pg_wal/$2"; then cat "pg_wal/$2"; fi
            """)

    /// Ends a server at once that is on its way down and doesn't get there.
    static let endStopping = RunScript(
        name: "end-stopping",
        text: """
            set -eu
            {
                read -r pid
                for line in 2 3 4 5 6 7; do read -r _; done
                read -r word
            } <"$1/postmaster.pid"
            case $word in stopping*) ;; *) echo "it runs and is not stopping" >&2; exit 1 ;; esac
            test "/proc/$pid/cwd" -ef "$1"
            kill -QUIT "$pid"
            """)

    /// Keeps the WAL from segment `$3` on beside the data directory, and lists which transactions are in it.
    ///
    /// They are listed from position `$4` on; the words from `$5` on are pg_waldump. Without a segment all WAL is kept.
    /// pg_waldump ends with an error where the WAL ends, which says nothing; any other is told. Each timeline is listed
    /// on its own.
    static let saveWAL = RunScript(
        name: "save-wal",
        text: """
            set -eu
            data=$1 kept="$1.$2-wal" segment=$3 start=$4
            shift 4
            test -f "$data/PG_VERSION"
            mkdir -p -m 700 "$kept"
            for file in "$data/pg_wal/"????????????????????????; do
                name=${file##*/}
                test -f "$file" && test "$(expr "x$name" '<' "x$segment")" != 1 || continue
                cp -p "$file" "$kept/"
            done
            for file in "$data/pg_wal/"*.history; do test ! -f "$file" || cp -p "$file" "$kept/"; done
            first= last= problem=
            list() {
                if test -z "$first"; then return; fi
                if test "$first" = "$segment"; then set -- "$@" --start="$start"; fi
                if ! env LC_ALL=C "$@" --path="$kept" --rmgr=Transaction "$first" "$last" \
                    >>"$kept/transactions.txt" 2>"$kept/end.txt" &&
                    ! grep -q 'error in WAL record at' "$kept/end.txt"; then
                    problem=$(tail -n 1 "$kept/end.txt")
                fi
            }
            : >"$kept/transactions.txt"
            for file in "$kept/"????????????????????????; do
                name=${file##*/}
                test -f "$file" || continue
                if test "${name%????????????????}" != "${last%????????????????}"; then
                    list "$@"
                    first=$name
                fi
                last=$name
            done
            list "$@"
            commits=$(grep -c 'desc: COMMIT' "$kept/transactions.txt" || :)
            echo "$commits commits${start:+ beyond $start} are kept and listed in $kept/transactions.txt"
            test -z "$problem" || echo "there may be more in $kept, which could not be listed: $problem"
            """)

    /// Removes it, where nothing was thrown away after all.
    static let forgetWAL = RunScript(
        name: "forget-wal",
        text: """
            rm -rf "$1.$2-wal"
            """)

    /// Waits, for a few seconds at most, until the server has removed its pid file, and reads the control file.
    ///
    /// To remove it is the last thing it does; both take one round trip. The words from `$3` on are pg_controldata.
    static let shutdownState = RunScript(
        name: "shutdown-state",
        text: """
            data=$1
            shift 2
            turns=0
            while test -e "$data/postmaster.pid" && test "$turns" -lt 1000; do
                sleep 0.003 2>/dev/null || sleep 1
                turns=$((turns + 1))
            done
            exec "$@"
            """)

    /// The WAL segments that wait to be archived, a name a line.
    static let listUnarchived = RunScript(
        name: "list-unarchived",
        text: """
            cd "$1/pg_wal/archive_status" || exit 1
            for file in ????????????????????????.ready; do
                if test -e "$file"; then echo "${file%.ready}"; fi
            done
            """)

    /// Marks the segments named on standard input as to be archived here, where they still are; overwrites nothing.
    static let queueForArchive = RunScript(
        name: "queue-for-archive",
        text: """
            set -eu
            cd "$1/pg_wal"
            while read -r name; do
                case $name in *[!0-9A-F]*) continue ;; esac
                if test ! -e "$name"; then
                    echo "$name is missing in the archive, and is not here"
                elif test -e "archive_status/$name.done"; then
                    mv "archive_status/$name.done" "archive_status/$name.ready"
                    echo "$name is archived from here"
                fi
            done
            """)

    /// Sets the node's own files (`$3`, separated by blanks) aside before pg_rewind copies the source's over them.
    ///
    /// And all that it could not write: links, and what the server's account may only read. Writable copies take their
    /// places.
    /// A second attempt finds the files kept and doesn't take the source's for the node's own.
    static let keepOwn = RunScript(
        name: "keep-own",
        text: """
            set -eu
            kept="$1.$2-own"
            cd "$1"
            test -f PG_VERSION
            if test ! -d "$kept"; then
                rm -rf "$kept.tmp"
                mkdir -m 700 "$kept.tmp"
                for file in $3; do if test -e "$file" || test -h "$file"; then cp -pPR "$file" "$kept.tmp/"; fi; done
                for file in * .[!.]*; do
                    if test "$file" = pg_wal || test -e "$kept.tmp/$file"; then continue; fi
                    if test -h "$file" || { test -f "$file" && test ! -w "$file"; }; then cp -pP "$file" "$kept.tmp/"; fi
                done
                mv "$kept.tmp" "$kept"
            fi
            for path in "$kept"/* "$kept"/.[!.]*; do
                file=${path##*/}
                if test -h "$file" || { test -f "$file" && test ! -w "$file"; }; then
                    rm -rf "$file.$2"
                    if test -d "$file"; then mkdir -m 700 "$file.$2"
                    elif test -f "$file"; then cat "$file" >"$file.$2"
                    else : >"$file.$2"; fi
                    test -d "$file.$2" || chmod 600 "$file.$2"
                    rm -f "$file"
                    mv "$file.$2" "$file"
                fi
            done
            """)

    /// Runs pg_rewind, the words from `$3` on, after whatever is left of one that was cut off.
    ///
    /// It removes `standby.signal` at its end, which is back as soon as it has ended: whatever starts the server after
    /// that can't start it as a primary.
    static let rewind = RunScript(
        name: "rewind",
        text: endCopies + """

            data=$1
            shift 2
            test -f "$data/PG_VERSION" || exit 1
            end_copies pg_rewind "$data"
            trap ': >"$data/standby.signal"' EXIT
            trap 'exit 143' HUP INT TERM
            "$@"
            """)

    /// Allows the recovery of a crashed server, where that can't be left to the script that runs pg_rewind.
    static let dropSignals = RunScript(
        name: "drop-signals",
        text: """
            test -f "$1/PG_VERSION" && rm -f "$1/standby.signal" "$1/recovery.signal"
            """)

    /// Whether pg_rewind has left its label, which it does shortly before it is done.
    static let isRewound = RunScript(
        name: "is-rewound",
        text: """
            grep -q '^BACKUP METHOD: pg_rewind' "$1/backup_label" && echo rewound
            """)

    /// Ends programs of a name that have a word in their command line: those of an earlier attempt live on when the
    /// link to them broke in a way that their host didn't notice, and two of them must not write to one place.
    ///
    /// The word is looked for in such a way that no process of this script has it in its own command line.
    private static let endCopies = """
        end_copies() {
            while :; do
                living=
                for file in $(printf '%s\\n' "$2" | grep -lsF -f - /proc/[0-9]*/cmdline); do
                    words=$(tr '\\000' '\\n' <"$file" 2>/dev/null) || continue
                    printf '%s\\n' "$words" | grep -qxF -e "$2" || continue
                    first=$(printf '%s\\n' "$words" | head -n 1)
                    test "${first##*/}" = "$1" || continue
                    process=${file#/proc/}
                    living=yes
                    kill -KILL "${process%/cmdline}" 2>/dev/null
                done
                test -n "$living" || break
                sleep 1
            done
        }
        """

    /// Puts them back, with a standby's mark.
    static let putOwnBack = RunScript(
        name: "put-own-back",
        text: """
            set -eu
            kept="$1.$2-own"
            : >"$1/standby.signal"
            if test -d "$kept"; then
                for path in "$kept"/* "$kept"/.[!.]*; do
                    if test ! -e "$path" && test ! -h "$path"; then continue; fi
                    rm -rf "$1/${path##*/}"
                    cp -pPR "$path" "$1/"
                done
                rm -rf "$kept"
            fi
            """)

    /// Recovers a crashed server in single-user mode, as pg_rewind does; the words from `$3` on are the server's program.
    ///
    /// That mode does without `standby.signal`, which is back as soon as it has ended.
    static let recover = RunScript(
        name: "recover",
        text: """
            set -eu
            cd "$1"
            test -f PG_VERSION
            shift 2
            trap ': >standby.signal' EXIT
            trap 'exit 143' HUP INT TERM
            rm -f standby.signal recovery.signal
            "$@" </dev/null >/dev/null
            """)

    /// Makes an empty directory beside the data directory; what an attempt before left in it goes, as well as in the
    /// tablespaces from `$3` on.
    static let makeFresh = RunScript(
        name: "make-fresh",
        text: endCopies + """

            fresh="$1.$2-new" suffix=$2
            shift 2
            end_copies pg_basebackup "$fresh"
            set -e
            rm -rf "$fresh"
            for space in "$@"; do case $space in *."$suffix") rm -rf "$space" ;; esac; done
            mkdir -m 700 "$fresh"
            """)

    /// Removes it, and those directories.
    static let removeFresh = RunScript(
        name: "remove-fresh",
        text: endCopies + """

            fresh="$1.$2-new" suffix=$2
            if test -e "$1/pgdr.$2"; then
                echo "the copy is in use in $1" >&2
                exit 1
            fi
            shift 2
            end_copies pg_basebackup "$fresh"
            set -e
            rm -rf "$fresh"
            for space in "$@"; do case $space in *."$suffix") rm -rf "$space" ;; esac; done
            """)

    /// Whether the server's data is a standby's; a promotion takes that mark away.
    static let isStandby = RunScript(
        name: "is-standby",
        text: """
            if test -e "$1/standby.signal"; then echo standby; else echo "no standby"; fi
            """)

    /// Whether the server would come back as a standby once nothing fences it.
    static let wouldBeStandby = RunScript(
        name: "would-be-standby",
        text: """
            cd "$1" && test -f PG_VERSION || exit 1
            if test -e pgdr.fence; then read -r was <pgdr.fence; else was=primary; test ! -e standby.signal || was=standby; fi
            echo "$was"
            """)

    /// Puts the old directory's own files (`$3`, separated by blanks) into the fresh one, with a standby's mark.
    static let prepareFresh = RunScript(
        name: "prepare-fresh",
        text: """
            set -eu
            fresh="$1.$2-new"
            test -f "$fresh/PG_VERSION"
            for file in $3; do
                if test -e "$1/$file" || test -h "$1/$file"; then
                    rm -rf "$fresh/$file"
                    cp -pPR "$1/$file" "$fresh/"
                fi
            done
            test -e "$fresh/postgresql.auto.conf" || : >"$fresh/postgresql.auto.conf"
            rm -f "$fresh/postgresql.auto.conf.new"
            cp -p "$fresh/postgresql.auto.conf" "$fresh/postgresql.auto.conf.new"
            chmod u+w "$fresh/postgresql.auto.conf.new"
            { echo; cat; } >>"$fresh/postgresql.auto.conf.new"
            test -w "$fresh/postgresql.auto.conf" || chmod u-w "$fresh/postgresql.auto.conf.new"
            : >"$fresh/standby.signal"
            mv -f "$fresh/postgresql.auto.conf.new" "$fresh/postgresql.auto.conf"
            : >"$fresh/pgdr.$2"
            """)

    /// Puts the fresh directory in the place of the old one, which is set aside.
    ///
    /// The fresh one holds a file named after the run, by which a second attempt knows it in its new place.
    static let swapIn = RunScript(
        name: "swap-in",
        text: """
            set -eu
            fresh="$1.$2-new" aside="$1.$2-old"
            if test -e "$1/pgdr.$2"; then exit 0; fi
            test -f "$fresh/PG_VERSION"
            test -e "$fresh/pgdr.$2"
            if test -e "$1"; then
                test ! -e "$aside"
                mv "$1" "$aside"
            fi
            mv "$fresh" "$1"
            """)

    /// Whether the old directory is set aside and nothing has taken its place.
    static let isAside = RunScript(
        name: "is-aside",
        text: """
            test ! -e "$1" && test -e "$1.$2-old/PG_VERSION" && echo aside
            """)

    /// Takes that back: the copy is where it was made, and still there to be removed.
    static let swapBack = RunScript(
        name: "swap-back",
        text: """
            set -eu
            fresh="$1.$2-new" aside="$1.$2-old"
            if test -e "$1/pgdr.$2"; then
                if test ! -e "$1/standby.signal"; then
                    echo "$1 is no standby any more: the copy was promoted, and is left alone" >&2
                    exit 1
                fi
                test -e "$aside/PG_VERSION"
                mv "$1" "$fresh"
            fi
            if test -e "$aside" && test ! -e "$1"; then mv "$aside" "$1"; fi
            """)

    /// Removes what was set aside, once what took its place works.
    ///
    /// Of its tablespaces only what its major version has there, since servers of several may share their directories.
    /// Where its `pg_wal` was a link, the WAL that it led to goes too; what that is known by goes last.
    static let dropAside = RunScript(
        name: "drop-aside",
        text: """
            set -eu
            aside="$1.$2-old"
            test -e "$1/PG_VERSION"
            if test -e "$aside"; then
                version=$(cat "$aside/PG_VERSION")
                test -n "$version"
                for link in "$aside"/pg_tblspc/*; do
                    if test -h "$link"; then
                        target=$(readlink "$link")
                        rm -rf "$target/PG_${version}_"*
                        case $target in *.pgdr-*) rmdir "$target" || : ;; esac
                    fi
                done
                if test -h "$aside/pg_wal"; then
                    wal=$(readlink "$aside/pg_wal")
                    case $wal in /*) ;; *) wal= ;; esac
                    if test -n "$wal" && test -d "$wal/archive_status" && test ! "$wal" -ef "$1/pg_wal"; then
                        for file in "$wal"/* "$wal"/.[!.]*; do
                            test "${file##*/}" = archive_status || rm -rf "$file"
                        done
                        rm -rf "$wal/archive_status"
                        rmdir "$wal" || :
                    fi
                fi
                rm -rf "$aside"
            fi
            rm -f "$1/pgdr.$2"
            """)
}
