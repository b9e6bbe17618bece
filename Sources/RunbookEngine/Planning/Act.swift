/// Something a step does, in its final form: what a plan shows is what runs.
package indirect enum Act: Sendable, Equatable, Codable {
    /// Sends a statement.
    case statement(Statement)
    /// Runs a command on a node's host; it fails unless it exits with 0.
    case command(RemoteCommand)
    /// Runs one command, and another one that reads what it printed.
    case pipe(RemoteCommand, RemoteCommand)
    /// Tells a PgBouncer something on its console, whose connection string holds no password.
    case pooler(console: String, PoolerCommand)
    /// Runs a command on this machine, which reads the input where there is one; it fails unless it exits with 0.
    case local([String], input: String? = nil)
    /// Writes a file on a node's host, whole or not at all.
    case upload(node: String, path: String, content: String, mode: UInt32)
    /// Waits until something holds; every 20 ms in which it doesn't, the nudge is sent.
    case wait(Probe, nudge: Statement?)
    /// Waits that long, in seconds.
    case pause(Double)
    /// The same for people: it ends early when one wants to stop, and fails once something has not held for a while.
    case stay(seconds: Double, whilst: Probe)
    /// Does the acts as long as something holds, and ends them in the middle when it has not held for a while.
    case whilst(Probe, [Act])
    /// Waits until a standby has replayed all that the primary has written when this begins.
    case awaitReplay(node: String, of: String)
    /// Asks a person whether to go on.
    case confirm(String)
    /// Shows and records a text.
    case notify(String)
    /// Tries one way after the other until something holds; that a way fails is noted and leads to the next one.
    case ladder([Rung], until: Probe)
    /// Fails unless it holds.
    case check(Probe)
    /// Does the acts as far as they can be done; that one fails is told, and is no failure.
    case attempt([Act])
    /// Does the acts unless it holds already.
    case unless(Probe, [Act])
    /// Does the acts; where one fails that has no hint of its own, a person is told this.
    case hinted([Act], hint: String)
    /// Writes a decision down on the voters; it fails unless a majority of them holds it then.
    case decide(DecisionAct)
    /// Tells commands on this machine of something; it fails where one of them does, once all have run.
    case hooks(HookAct)
    /// Asks all of the estate; it fails where any of it does.
    case estate
    /// Sends a statement for what not every cluster has: that the server refuses it with one of these SQLSTATEs is
    /// told, and is no failure.
    case optional(Statement, without: [String])

    /// One way to bring something about.
    package struct Rung: Sendable, Equatable, Codable {
        /// What is done.
        package var acts: [Act]
        /// How long, in seconds, it may take to work, before the next way is tried.
        package var patience: Double

        /// A way and the time it has.
        package init(acts: [Act], patience: Double) {
            self.acts = acts
            self.patience = patience
        }
    }
}

/// A command on a node's host: the very words its SSH server's shell is given, each of them quoted.
package struct RemoteCommand: Sendable, Equatable, Codable {
    /// The node.
    package var node: String
    /// What it takes to become another account, before the words; empty: nothing.
    package var become: [String]
    /// The program and its arguments.
    package var words: [String]
    /// What it reads from its standard input.
    package var input: String
    /// Which form its progress has, nil when it shows none.
    package var progress: ProgressForm?
    /// Whether what it prints is for people, and for the audit log.
    package var isTold = false

    /// How a long command says how far it is.
    package enum ProgressForm: String, Sendable, Codable {
        /// `pg_basebackup --progress` and `pg_rewind --progress`: `12345/67890 kB (18%)`.
        case kilobytes
    }

    /// What a person calls it: the name of its program, or of pgdr's own script.
    package var name: String {
        if let shell = words.firstIndex(of: "sh"), words.count > shell + 3, words[shell + 1] == "-c" {
            return words[shell + 3]
        }
        let program =
            words.first { word in word.contains("/pg_") || word.contains("/psql") }
            ?? words.first { $0 != "env" && !$0.contains("=") }
        return program?.split(separator: "/").last.map(String.init) ?? "the command"
    }

    /// A command by its parts.
    package init(
        _ node: String, become: [String] = [], _ words: [String], input: String = "", progress: ProgressForm? = nil
    ) {
        self.node = node
        self.become = become
        self.words = words
        self.input = input
        self.progress = progress
    }
}
