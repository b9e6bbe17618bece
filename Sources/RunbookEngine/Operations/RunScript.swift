/// The shell scripts that pgdr runs on a node's host, as the account of its server; see the files of `Scripts`.
///
/// Their texts never change: what varies comes as `$1`, `$2`, … or by standard input. Each may be run again after it
/// was cut off anywhere. `$1` is the data directory, `$2` what the names of the run's own files end with; of those about
/// decisions `$1` is the directory of these.
struct RunScript: Sendable {
    /// Its name, which its processes show.
    var name: String
    /// Its text.
    var text: String

    /// - Parameter functions: what it calls, which comes before it.
    private init(_ name: String, _ bytes: [UInt8], calling functions: [UInt8]...) {
        self.name = name
        text = (functions + [bytes]).map { String(decoding: $0, as: UTF8.self) }.joined()
    }

    /// Leaves a standby's mark: settings at the end of `postgresql.auto.conf` and `standby.signal`.
    static let markStandby = RunScript("mark-standby", PackageResources.mark_standby_sh)
    /// Takes the mark back.
    static let unmarkStandby = RunScript("unmark-standby", PackageResources.unmark_standby_sh)
    /// Removes what was kept for taking the mark back.
    static let settle = RunScript("settle", PackageResources.settle_sh)
    /// Whether the mark of this run is there.
    static let isMarked = RunScript("is-marked", PackageResources.is_marked_sh)
    /// Makes sure that whatever starts the server can't start it as a primary; the fence's own file remembers whether
    /// it was a standby anyway.
    static let leaveFence = RunScript("leave-fence", PackageResources.leave_fence_sh)
    /// Whether that was done.
    static let isFenced = RunScript("is-fenced", PackageResources.is_fenced_sh)
    /// Takes it back.
    static let removeFence = RunScript("remove-fence", PackageResources.remove_fence_sh)
    /// Makes the fence an ordinary standby's mark.
    static let forgetFence = RunScript("forget-fence", PackageResources.forget_fence_sh)
    /// Ends the server's processes at once, where it doesn't stop when told to.
    static let kill = RunScript("kill", PackageResources.kill_sh)
    /// What of a data directory the control file doesn't tell: a line of words, then the history file `$2` if it is there.
    static let lookIntoData = RunScript("look-into-data", PackageResources.look_into_data_sh)
    /// Fails unless a server is on its way down.
    static let checkStopping = RunScript("check-stopping", PackageResources.check_stopping_sh)
    /// Ends a server at once that is on its way down and doesn't get there.
    static let endStopping = RunScript(
        "end-stopping", PackageResources.end_stopping_sh, calling: PackageResources.check_stopping_sh)
    /// Keeps the WAL from segment `$3` on beside the data directory, and lists which transactions are in it.
    static let saveWAL = RunScript("save-wal", PackageResources.save_wal_sh)
    /// Removes it, where nothing was thrown away after all.
    static let forgetWAL = RunScript("forget-wal", PackageResources.forget_wal_sh)
    /// Waits, for a few seconds at most, until the server has removed its pid file, and reads the control file.
    static let shutdownState = RunScript("shutdown-state", PackageResources.shutdown_state_sh)
    /// The WAL segments that wait to be archived, a name a line.
    static let listUnarchived = RunScript("list-unarchived", PackageResources.list_unarchived_sh)
    /// Marks the segments named on standard input as to be archived here, where they still are; overwrites nothing.
    static let queueForArchive = RunScript("queue-for-archive", PackageResources.queue_for_archive_sh)
    /// Sets the node's own files (`$3`, separated by blanks) aside before pg_rewind copies the source's over them, or only
    /// keeps copies of them (`$4` is `copies`).
    static let keepOwn = RunScript("keep-own", PackageResources.keep_own_sh)
    /// Runs pg_rewind, the words from `$3` on, after whatever is left of one that was cut off.
    static let rewind = RunScript(
        "rewind", PackageResources.rewind_sh, calling: PackageResources.end_copies_sh)
    /// Allows the recovery of a crashed server, where that can't be left to the script that runs pg_rewind.
    static let dropSignals = RunScript("drop-signals", PackageResources.drop_signals_sh)
    /// Whether pg_rewind has left its label, which it does shortly before it is done.
    static let isRewound = RunScript("is-rewound", PackageResources.is_rewound_sh)
    /// Puts them back, with a standby's mark.
    static let putOwnBack = RunScript("put-own-back", PackageResources.put_own_back_sh)
    /// Recovers a crashed server in single-user mode, as pg_rewind does; the words from `$3` on are the server's program.
    static let recover = RunScript("recover", PackageResources.recover_sh)
    /// Makes an empty directory beside the data directory; what an attempt before left in it goes, as well as in the
    /// tablespaces from `$3` on.
    static let makeFresh = RunScript(
        "make-fresh", PackageResources.make_fresh_sh, calling: PackageResources.end_copies_sh,
        PackageResources.remove_sh)
    /// Removes it, and those directories.
    static let removeFresh = RunScript(
        "remove-fresh", PackageResources.remove_fresh_sh, calling: PackageResources.end_copies_sh,
        PackageResources.remove_sh)
    /// Whether the server's data is a standby's; a promotion takes that mark away.
    static let isStandby = RunScript("is-standby", PackageResources.is_standby_sh)
    /// Whether the server would come back as a standby once nothing fences it.
    static let wouldBeStandby = RunScript("would-be-standby", PackageResources.would_be_standby_sh)
    /// Puts the old directory's own files (`$3`, separated by blanks) into the fresh one, with a standby's mark.
    static let prepareFresh = RunScript("prepare-fresh", PackageResources.prepare_fresh_sh)
    /// Puts the fresh directory in the place of the old one, which is set aside.
    static let swapIn = RunScript("swap-in", PackageResources.swap_in_sh)
    /// Whether the old directory is set aside and nothing has taken its place.
    static let isAside = RunScript("is-aside", PackageResources.is_aside_sh)
    /// Takes that back: the copy is where it was made, and still there to be removed.
    static let swapBack = RunScript("swap-back", PackageResources.swap_back_sh)
    /// Removes what was set aside, once what took its place works, with its tablespaces and its WAL elsewhere.
    static let dropAside = RunScript(
        "drop-aside", PackageResources.drop_aside_sh, calling: PackageResources.remove_sh)
    /// Starts a server where nobody reaches it but over a socket of its own; the words from `$3` on are pg_ctl.
    static let startApart = RunScript("start-apart", PackageResources.start_apart_sh)
    /// Stops it, and no other one; the words from `$3` on are pg_ctl.
    static let stopApart = RunScript("stop-apart", PackageResources.stop_apart_sh)
    /// Whether it takes connections, and listens at no address.
    static let isApart = RunScript("is-apart", PackageResources.is_apart_sh)
    /// Notes on the disk that it is about to be promoted.
    static let noteOpening = RunScript("note-opening", PackageResources.note_opening_sh)
    /// Promotes it and leaves a standby's mark on its data; the words from `$3` on are psql.
    static let promoteApart = RunScript("promote-apart", PackageResources.promote_apart_sh)
    /// Whether it was promoted, or was about to be.
    static let isOpened = RunScript("is-opened", PackageResources.is_opened_sh)
    /// Runs the words from `$3` on and prints the end of what they print.
    static let runApart = RunScript("run-apart", PackageResources.run_apart_sh)
    /// Looks at every database, counts and, where that can be, checks its tables; see the file.
    static let inspectApart = RunScript("inspect-apart", PackageResources.inspect_apart_sh)
    /// Removes the WAL of timelines after `$3`, which a rewind leaves.
    static let dropLaterWAL = RunScript("drop-later-wal", PackageResources.drop_later_wal_sh)
    /// Removes what it needed besides its data.
    static let forgetApart = RunScript("forget-apart", PackageResources.forget_apart_sh)
    /// Writes the decision `$2` down, unless there is one, and prints the one there is.
    static let writeDecision = RunScript("write-decision", PackageResources.write_decision_sh)
    /// Prints the decision `$2`, or nothing.
    static let readDecision = RunScript("read-decision", PackageResources.read_decision_sh)
    /// Holds the lock of the cluster `$2` for as long as it runs.
    static let holdLock = RunScript("hold-lock", PackageResources.hold_lock_sh)
}
