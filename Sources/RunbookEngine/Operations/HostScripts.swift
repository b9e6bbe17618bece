/// The shell scripts that pgdr runs on a node's host, as the account of its server.
///
/// Their texts never change: what varies comes as `$1`, `$2`, … or by standard input. Each may be run again after it
/// was cut off anywhere. `$1` is always the data directory, `$2` what the names of the run's own files end with.
enum HostScripts {
    /// Leaves a standby's mark: settings at the end of `postgresql.auto.conf` and `standby.signal`.
    ///
    /// The file is replaced in one step, from its state before the run, so that it can be done again and taken back.
    static let markStandby = """
        set -eu
        cd "$1"
        test -f PG_VERSION
        auto=postgresql.auto.conf
        test -e "$auto.$2" || { cp -p "$auto" "$auto.$2.tmp"; mv -f "$auto.$2.tmp" "$auto.$2"; }
        cp -p "$auto.$2" "$auto.$2.new"
        cat >>"$auto.$2.new"
        : >standby.signal
        mv -f "$auto.$2.new" "$auto"
        """

    /// Takes the mark back.
    static let unmarkStandby = """
        set -eu
        cd "$1"
        test -f PG_VERSION
        rm -f standby.signal "postgresql.auto.conf.$2.new"
        if test -e "postgresql.auto.conf.$2"; then mv -f "postgresql.auto.conf.$2" postgresql.auto.conf; fi
        """

    /// Removes what was kept for taking the mark back.
    static let settle = """
        set -eu
        cd "$1"
        test -f PG_VERSION
        rm -f "postgresql.auto.conf.$2" "postgresql.auto.conf.$2.new"
        """

    /// Whether the mark of this run is there.
    static let isMarked = """
        cd "$1" && test -e standby.signal && test -e "postgresql.auto.conf.$2" && echo marked
        """

    /// Makes sure that whatever starts the server can't start it as a primary.
    static let leaveSignal = """
        set -eu
        cd "$1"
        test -f PG_VERSION
        : >standby.signal
        """

    /// Keeps the WAL from segment `$3` on beside the data directory, and says which transactions are in it:
    /// `$4` is pg_waldump, `$5` the position from which on.
    ///
    /// pg_waldump ends with an error where the WAL ends, which says nothing.
    static let saveWAL = """
        set -eu
        test -f "$1/PG_VERSION"
        kept="$1.$2-wal"
        mkdir -p -m 700 "$kept"
        for file in "$1/pg_wal/"????????????????????????; do
            name=${file##*/}
            if test -f "$file" && ! expr "$name" '<' "$3" >/dev/null; then cp -p "$file" "$kept/"; fi
        done
        cp -p "$1"/pg_wal/*.history "$kept/" 2>/dev/null || :
        "$4" --path="$kept" --rmgr=Transaction --start="$5" "$3" >"$kept/transactions.txt" 2>/dev/null || :
        echo "kept in $kept"
        grep -c COMMIT "$kept/transactions.txt" || :
        """

    /// Rewinds: keeps the node's own files, lets pg_rewind (all words from `$4` on) do its work, and puts them back.
    ///
    /// pg_rewind copies the source's configuration over the node's own, and recovers a crashed server in single-user
    /// mode, which `standby.signal` would forbid. `$3` is a list of the files to keep, separated by blanks.
    static let rewind = """
        set -eu
        data=$1 kept="$1.$2-own" files=$3
        test -f "$data/PG_VERSION"
        if test ! -d "$kept"; then
            rm -rf "$kept.tmp"
            mkdir -m 700 "$kept.tmp"
            for file in $files; do if test -e "$data/$file"; then cp -pP "$data/$file" "$kept.tmp/"; fi; done
            mv "$kept.tmp" "$kept"
        fi
        rm -f "$data/standby.signal" "$data/recovery.signal"
        shift 3
        status=0
        "$@" || status=$?
        for file in $files; do if test -e "$kept/$file"; then cp -pP "$kept/$file" "$data/"; fi; done
        : >"$data/standby.signal"
        test "$status" = 0 || exit "$status"
        rm -rf "$kept"
        """

    /// Copies the source into a fresh directory beside the data directory: all words from `$3` on are pg_basebackup
    /// but for its `--pgdata`.
    static let baseBackup = """
        set -eu
        fresh="$1.$2-new"
        test ! -e "$fresh" || rm -rf "$fresh"
        mkdir -m 700 "$fresh"
        shift 2
        exec "$@" --pgdata="$fresh"
        """

    /// Puts the old directory's own files (`$3`, separated by blanks) into the fresh one, with a standby's mark.
    static let prepareFresh = """
        set -eu
        fresh="$1.$2-new"
        test -f "$fresh/PG_VERSION"
        for file in $3; do if test -e "$1/$file"; then cp -pP "$1/$file" "$fresh/"; fi; done
        test -e "$fresh/postgresql.auto.conf" || : >"$fresh/postgresql.auto.conf"
        cp -p "$fresh/postgresql.auto.conf" "$fresh/postgresql.auto.conf.new"
        cat >>"$fresh/postgresql.auto.conf.new"
        : >"$fresh/standby.signal"
        mv -f "$fresh/postgresql.auto.conf.new" "$fresh/postgresql.auto.conf"
        : >"$fresh/pgdr.$2"
        """

    /// Puts the fresh directory in the place of the old one, which is set aside.
    ///
    /// The fresh one holds a file named after the run, by which a second attempt knows it in its new place.
    static let swapIn = """
        set -eu
        fresh="$1.$2-new" aside="$1.$2-old"
        if test -e "$1/pgdr.$2"; then exit 0; fi
        test -f "$fresh/PG_VERSION" && test -e "$fresh/pgdr.$2"
        if test -e "$1"; then
            test ! -e "$aside"
            mv "$1" "$aside"
        fi
        mv "$fresh" "$1"
        """

    /// Takes that back.
    static let swapBack = """
        set -eu
        fresh="$1.$2-new" aside="$1.$2-old"
        if test -e "$1/pgdr.$2"; then mv "$1" "$fresh"; fi
        if test -e "$aside" && test ! -e "$1"; then mv "$aside" "$1"; fi
        rm -rf "$fresh"
        """

    /// Removes what was set aside, once what took its place works.
    static let dropAside = """
        set -eu
        aside="$1.$2-old"
        test -e "$1/PG_VERSION"
        if test -e "$aside"; then
            for link in "$aside"/pg_tblspc/*; do
                if test -h "$link"; then target=$(readlink "$link"); rm -rf "$target"/PG_*; fi
            done
            rm -rf "$aside"
        fi
        rm -f "$1/pgdr.$2"
        """
}
