/// A command for another machine: words, none of which a shell ever interprets.
public struct Command: Sendable, Equatable {
    /// The program and its arguments.
    public var words: [String]
    /// The words that come before it to make it another account's, such as `sudo -n -u postgres --`; empty: none.
    ///
    /// They come before all that pgdr runs for the command, which lets the command be ended when pgdr is gone: a
    /// process of another account can only be told so by that account. A sudoers rule for the one program doesn't do
    /// then; there the words belong into `words`, and the command lives on when pgdr goes.
    public var become: [String]
    /// What it reads from its standard input; it travels whole, into the remote shell's memory, before the command
    /// starts.
    public var input: [UInt8]
    /// How much of each output stream is kept, in bytes; the rest is read and dropped.
    public var outputLimit: Int
    /// Which remote shell runs it.
    public var shell: Shell

    /// Which remote shell runs a command.
    public enum Shell: Sendable {
        /// One that was started for it, over a channel of its own.
        case own
        /// One that also runs other commands, one after the other, which saves most of the time that a short one takes.
        ///
        /// Only for what looks and leaves no process behind: what such a one still wrote would stand in the output of
        /// the command after it, and it would be told to end with that one, when pgdr gives that up. Commands with
        /// input and long ones have their own all the same.
        case shared
    }

    /// A command with its input.
    public init(
        _ words: [String], become: [String] = [], input: [UInt8] = [], outputLimit: Int = 1 << 20, shell: Shell = .own
    ) {
        self.words = words
        self.become = become
        self.input = input
        self.outputLimit = outputLimit
        self.shell = shell
    }
}

/// How a command on another machine ended.
public enum CommandEnd: Sendable, Equatable {
    /// With this exit status.
    case exited(Int32)
    /// By a signal, named without `SIG`, such as `KILL`; never a success.
    case signalled(String)
}

/// What came of a command that ran to its end.
public struct CommandResult: Sendable, Equatable {
    /// How it ended.
    public var end: CommandEnd
    /// What it wrote to its standard output, up to the limit.
    public var output: [UInt8]
    /// What it wrote to its standard error, up to the limit.
    public var errors: [UInt8]
    /// Bytes of both streams that were dropped because of the limit.
    public var dropped: Int

    /// A result by its parts.
    public init(end: CommandEnd, output: [UInt8], errors: [UInt8], dropped: Int = 0) {
        self.end = end
        self.output = output
        self.errors = errors
        self.dropped = dropped
    }

    /// Whether it exited with status 0.
    public var succeeded: Bool { end == .exited(0) }
    /// The standard output as text.
    public var outputText: String { String(decoding: output, as: UTF8.self) }
    /// The standard error as text.
    public var errorText: String { String(decoding: errors, as: UTF8.self) }
}
