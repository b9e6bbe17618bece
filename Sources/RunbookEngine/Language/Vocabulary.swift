/// The words of the runbook language: which actions, probes and questions there are, and what each takes.
package enum Vocabulary {
    /// An action, probe or question.
    package struct Entry: Sendable {
        /// Its keyword.
        package var keyword: String
        /// Its arguments; the first one may be given alone, without its name.
        package var arguments: [Argument]
        /// What it does or asks, in a line.
        package var help: String
    }

    /// An argument.
    package struct Argument: Sendable {
        /// How it is given.
        package enum Form: Sendable {
            /// One value.
            case one
            /// A list.
            case many
            /// A text that is taken as it stands and refers to nothing: a statement.
            case verbatim
        }

        /// Its name.
        package var name: String
        /// How it is given.
        package var form: Form
        /// Whether it must be given.
        package var isRequired: Bool

        static func required(_ name: String, _ form: Form = .one) -> Argument {
            Argument(name: name, form: form, isRequired: true)
        }

        static func optional(_ name: String, _ form: Form = .one) -> Argument {
            Argument(name: name, form: form, isRequired: false)
        }
    }

    /// Actions whose undo only tidies up on a standby: where it fails, since the standby is gone, that is told and is no
    /// reason to call the run unfinished.
    static let tidied: Set<String> = ["create_slot", "pin_wal", "synchronous_names"]

    /// What a step can do.
    package static let actions: [Entry] = [
        Entry(
            keyword: "sql",
            arguments: [.required("statement", .verbatim), .optional("parameters", .many), .optional("expect")],
            help: "runs one statement; $1, $2, … are the parameters"),
        Entry(
            keyword: "ssh", arguments: [.required("words", .many), .optional("as"), .optional("input")],
            help: "runs a command on the node's host; no shell reads its words"),
        Entry(keyword: "local", arguments: [.required("words", .many)], help: "runs a command on this machine"),
        Entry(
            keyword: "upload", arguments: [.required("path"), .required("content"), .optional("mode")],
            help: "writes a file on the node's host"),
        Entry(
            keyword: "pgbouncer", arguments: [.required("command"), .required("console")],
            help: "tells a PgBouncer to pause, reload or resume"),
        Entry(keyword: "wait", arguments: [.required("for")], help: "waits that long"),
        Entry(keyword: "confirm", arguments: [.required("text")], help: "asks a person before it goes on"),
        Entry(keyword: "notify", arguments: [.required("text")], help: "shows and records a text"),
        Entry(keyword: "checkpoint", arguments: [], help: "CHECKPOINT; on a standby a restartpoint"),
        Entry(
            keyword: "stop", arguments: [.optional("mode")], help: "stops the server: fast (the default) or immediate"),
        Entry(keyword: "stop_standby", arguments: [], help: "stops the server, unless it is no standby any more"),
        Entry(keyword: "start", arguments: [], help: "starts the server and waits until it takes connections"),
        Entry(keyword: "restart", arguments: [], help: "stops and starts the server"),
        Entry(keyword: "promote", arguments: [], help: "makes a standby the primary"),
        Entry(
            keyword: "decide",
            arguments: [
                .required("replaces"), .optional("accept_no_quorum"), .optional("trigger"), .optional("automatic"),
            ],
            help: "writes down on a majority of the voters, once and for all, that the node replaces that primary"),
        Entry(
            keyword: "fence_command", arguments: [],
            help: "runs the configuration's failover.fence_command here, which cuts the node off"),
        Entry(
            keyword: "routes", arguments: [.optional("former")],
            help: "runs the configuration's failover.routes here, which lead clients to the node"),
        Entry(
            keyword: "announce", arguments: [.required("event"), .optional("former")],
            help: "runs the configuration's failover.notify here, which tell people"),
        Entry(
            keyword: "estate", arguments: [],
            help: "asks all that depends on the databases, as pgdr estate check does; it fails where any of it does"),
        Entry(
            keyword: "record_failover",
            arguments: [.required("old"), .optional("trigger"), .optional("automatic"), .optional("loss")],
            help: "keeps in the cluster that the node replaced that primary, where sql/schema.sql has made room for it"),
        Entry(
            keyword: "await_most_advanced",
            arguments: [.optional("within"), .optional("but"), .optional("accept_silent")],
            help: "waits until no standby that answers has more WAL than the node, but for so much"),
        Entry(
            keyword: "await_wal", arguments: [.required("of")],
            help: "waits until the node has replayed all that a cleanly stopped primary wrote"),
        Entry(
            keyword: "mark_standby", arguments: [.required("upstream")],
            help: "leaves a standby's settings, so that the server can only start as one that follows the upstream"),
        Entry(keyword: "unmark_standby", arguments: [], help: "takes that back"),
        Entry(
            keyword: "fence", arguments: [.optional("patience")],
            help: "keeps the server from starting by itself, and as a primary at all"),
        Entry(keyword: "unfence", arguments: [], help: "takes that back"),
        Entry(
            keyword: "hold_autostart", arguments: [.optional("required")],
            help: "keeps the service from starting the server by itself, as far as its host allows; required: or fails"),
        Entry(keyword: "release_autostart", arguments: [.optional("required")], help: "takes that back"),
        Entry(keyword: "allow_autostart", arguments: [], help: "lets the service start the server by itself again"),
        Entry(
            keyword: "repoint", arguments: [.required("upstream")], help: "makes a running standby follow another node"),
        Entry(keyword: "detach", arguments: [], help: "makes a running standby follow nobody"),
        Entry(
            keyword: "create_slot", arguments: [.required("for")], help: "makes the replication slot of another node"),
        Entry(
            keyword: "restore_slots", arguments: [],
            help: "makes the slots of the standbys that followed the node when the run was planned"),
        Entry(
            keyword: "fill_archive", arguments: [.required("after")],
            help: "has the new primary archive what the former one left unarchived"),
        Entry(
            keyword: "pin_wal", arguments: [], help: "keeps the server's WAL from now on, by a slot of the run's own"),
        Entry(keyword: "unpin_wal", arguments: [.optional("of")], help: "takes that back, on that node or the step's"),
        Entry(keyword: "drop_slot", arguments: [.required("for")], help: "drops that slot, unless it is in use"),
        Entry(
            keyword: "set_parameter", arguments: [.required("name"), .required("value")],
            help: "ALTER SYSTEM SET and a reload"),
        Entry(keyword: "save_wal", arguments: [], help: "keeps the WAL that a rewind would throw away"),
        Entry(
            keyword: "try_rewind", arguments: [.required("source")],
            help: "tries whether pg_rewind will do, without writing anything but a crashed server's recovery"),
        Entry(
            keyword: "rewind", arguments: [.required("source")], help: "pg_rewind, with the node's own settings kept"),
        Entry(
            keyword: "basebackup", arguments: [.required("source"), .required("upstream")],
            help: "pg_basebackup of the source into a fresh directory of a standby that will follow the upstream"),
        Entry(
            keyword: "swap_in", arguments: [],
            help: "puts the fresh directory in the old one's place, which is set aside"),
        Entry(keyword: "swap_back", arguments: [], help: "takes that back"),
        Entry(keyword: "drop_aside", arguments: [], help: "removes what was set aside"),
        Entry(keyword: "keep_own", arguments: [], help: "keeps the node's own files for a later rewind"),
        Entry(
            keyword: "start_apart", arguments: [.optional("data"), .optional("without")],
            help:
                "starts a server on the node's own data, or on its copy, where nobody reaches it but over a socket of "
                + "its own, without some of its preloaded libraries"),
        Entry(
            keyword: "promote_apart", arguments: [.optional("data")],
            help: "promotes that server; its data stays a standby's for whatever else starts it"),
        Entry(
            keyword: "sql_apart",
            arguments: [.required("file"), .optional("database"), .optional("data"), .optional("beside")],
            help: "has psql run a file of this machine on that server, as long as the other node answers"),
        Entry(
            keyword: "command_apart",
            arguments: [.required("program"), .optional("database"), .optional("data"), .optional("beside")],
            help: "runs a program where that server is, given the directory of its socket and its port, in like manner"),
        Entry(
            keyword: "inspect_apart", arguments: [.required("tables"), .optional("amcheck"), .optional("data")],
            help: "connects to every database of that server, counts its largest tables, has pg_amcheck check all"),
        Entry(
            keyword: "stay_apart", arguments: [.required("for"), .required("beside")],
            help: "waits that long, or until somebody wants to stop, as long as the other node answers"),
        Entry(keyword: "stop_apart", arguments: [.optional("data")], help: "stops that server, if it runs"),
        Entry(
            keyword: "rewind_apart", arguments: [.required("source"), .optional("without")],
            help: "takes back what was written to the node's data since that server was promoted, if it was"),
        Entry(
            keyword: "await_replay", arguments: [.required("of")],
            help: "waits until the node streams and has replayed what that primary has written by now"),
        Entry(keyword: "remove_copy", arguments: [.required("source")], help: "removes a copy of that node"),
        Entry(keyword: "settle", arguments: [], help: "removes what was kept for taking steps back"),
        Entry(
            keyword: "synchronous_names", arguments: [.optional("former"), .optional("except")],
            help: "corrects synchronous_standby_names for a new primary"),
        Entry(keyword: "reset_parameter", arguments: [.required("name")], help: "ALTER SYSTEM RESET and a reload"),
    ]

    /// The actions that act on no node.
    static let actionsWithoutNode = ["local", "pgbouncer", "wait", "confirm", "notify", "estate"]

    /// What can be asked before or after a step; nothing of it changes anything.
    package static let probes: [Entry] = [
        Entry(
            keyword: "sql",
            arguments: [
                .required("statement", .verbatim), .optional("parameters", .many), .optional("expect"),
                .optional("node"),
            ],
            help: "the statement's only value is the expected one; true where none is named"),
        Entry(
            keyword: "ssh",
            arguments: [.required("words", .many), .optional("as"), .optional("expect"), .optional("node")],
            help: "the command exits with 0, and prints what is expected"),
        Entry(keyword: "primary", arguments: [.optional("node")], help: "the node is a primary"),
        Entry(keyword: "standby", arguments: [.optional("node")], help: "the node is a standby"),
        Entry(keyword: "running", arguments: [.optional("node")], help: "the server takes connections"),
        Entry(
            keyword: "stopped", arguments: [.optional("node")], help: "no postmaster runs on the node's data directory"),
        Entry(keyword: "writable", arguments: [.optional("node")], help: "a write commits"),
        Entry(
            keyword: "streams", arguments: [.required("from"), .optional("node")],
            help: "the node streams from that one"),
        Entry(
            keyword: "caught_up", arguments: [.required("with"), .optional("within"), .optional("node")],
            help: "the node has replayed all but that much of the other's WAL"),
        Entry(keyword: "replays", arguments: [.optional("node")], help: "replay is not paused"),
        Entry(
            keyword: "holds_all_wal", arguments: [.required("of"), .optional("node")],
            help: "the node has replayed the shutdown checkpoint of that stopped primary"),
        Entry(
            keyword: "promotable", arguments: [.optional("node"), .optional("but")],
            help: "nothing forbids making the node the primary; see pgdr check"),
        Entry(
            keyword: "descends", arguments: [.optional("node")],
            help: "the node has no WAL that the primary's history lacks"),
        Entry(
            keyword: "only_primary", arguments: [.optional("node")], help: "no other node of the cluster is a primary"),
        Entry(
            keyword: "no_primary", arguments: [.optional("except"), .optional("accept_silent")],
            help: "no node of the cluster that answers is a primary, that one aside"),
        Entry(
            keyword: "not_primary", arguments: [.optional("node")], help: "the node is no primary, or does not answer"),
        Entry(
            keyword: "not_replaced", arguments: [.optional("node")],
            help: "no voter has a decision that another node replaces this one, which is down, as a primary"),
        Entry(
            keyword: "can_take_over", arguments: [.required("from"), .required("fencing"), .optional("node")],
            help: "nothing forbids making the node the primary in place of one that is gone or given up"),
        Entry(
            keyword: "most_advanced",
            arguments: [.optional("within"), .optional("but"), .optional("accept_silent"), .optional("node")],
            help: "no standby that answers has more WAL, but for so much"),
        Entry(
            keyword: "has_wal_of", arguments: [.required("source"), .optional("node")],
            help: "the node has durably all the WAL that the other standby has"),
        Entry(
            keyword: "no_other_decision",
            arguments: [.required("replaces"), .optional("accept_decision"), .optional("node")],
            help: "no voter that can be asked has recorded that another node replaces that primary"),
        Entry(
            keyword: "failover_recorded", arguments: [.optional("node")],
            help: "the cluster keeps that the node, which is the primary, replaced the one before it"),
        Entry(
            keyword: "no_circle", arguments: [.required("upstream"), .optional("node")],
            help: "the upstream does not get its WAL from the node"),
        Entry(
            keyword: "owns_data", arguments: [.required("as"), .optional("node")],
            help: "the data directory is of the same cluster as that node, or damaged"),
        Entry(
            keyword: "can_be_replaced", arguments: [.optional("node")],
            help: "the data directory can be renamed, so that another takes its place"),
        Entry(
            keyword: "no_backup", arguments: [.optional("node")], help: "no base backup is being taken from the node"),
        Entry(
            keyword: "can_replicate", arguments: [.required("from"), .optional("node")],
            help: "a replication login from the node's host to that node works"),
        Entry(
            keyword: "can_copy_if", arguments: [.required("source"), .required("method"), .optional("node")],
            help: "where the method is rebuild: the data directory can be replaced, and the disk has room"),
        Entry(
            keyword: "all_answer", arguments: [.optional("accept_silent")],
            help: "every node of the cluster answers"),
        Entry(
            keyword: "can_act", arguments: [.optional("node")],
            help: "SSH, the data directory and the service are there"),
        Entry(keyword: "can_promote", arguments: [.optional("node")], help: "the acting role may promote"),
        Entry(
            keyword: "can_rewind_if", arguments: [.required("source"), .required("method"), .optional("node")],
            help: "where the method is rewind: its role may read the source's files"),
        Entry(
            keyword: "room_for", arguments: [.required("source"), .optional("node")],
            help: "the disk has room for a copy of that node"),
        Entry(
            keyword: "spare", arguments: [.required("primary"), .optional("accept_uncovered"), .optional("node")],
            help: "the standby can be done without: another one covers production, and nobody waits for it"),
        Entry(
            keyword: "keeps_wal",
            arguments: [
                .required("for"), .optional("and"), .optional("each"), .optional("sql"), .optional("command"),
                .optional("node"),
            ],
            help: "the primary can keep its WAL for so long, and for each of the two checks that there are"),
        Entry(
            keyword: "can_start_apart", arguments: [.optional("data"), .optional("node")],
            help: "a server that nobody reaches can be started on the node's host"),
        Entry(
            keyword: "same_cluster", arguments: [.required("as"), .optional("node")],
            help: "both have the same system identifier"),
    ]

    /// What can be asked while planning, to choose between ways.
    package static let questions: [Entry] = [
        Entry(
            keyword: "rejoin_method",
            arguments: [.required("node"), .required("primary"), .optional("give_up"), .optional("rebuild")],
            help: "nothing (it streams already), follow, rewind or rebuild: the cheapest that is provably right"),
        Entry(
            keyword: "fencing", arguments: [.required("node"), .required("accept_unfenced")],
            help: "fence (its host can be reached), command (the configured fence command can cut it off), try or "
                + "try_command (the same, and that it may fail is accepted) or none"),
        Entry(
            keyword: "given_up", arguments: [.required("target"), .optional("given")],
            help: "the primary that is given up: the one given, the one that answers, or the silent one followed last"),
        Entry(
            keyword: "current_primary", arguments: [.optional("given"), .optional("except")],
            help: "the node given, or the only primary, one node aside"),
        Entry(
            keyword: "after_role_change", arguments: [.optional("given")],
            help: "what ends a role change: what is given, or the configuration's failover.after; empty: nothing more"),
        Entry(
            keyword: "upstream_of", arguments: [.required("node")],
            help: "the node that a standby follows now; empty when that isn't known"),
    ]
}
