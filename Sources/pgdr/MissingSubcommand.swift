import ArgumentParser

/// A command line that ends before it says what to do.
///
/// No success: a monitor whose command line lost its end must not take help for a healthy cluster.
struct MissingSubcommand: Error {
    /// The help of the command that lacks one.
    var help: String

    /// The error of a command of that type.
    init(_ command: any ParsableCommand.Type) { help = Pgdr.helpMessage(for: command) }
}
