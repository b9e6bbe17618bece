/// A command for a node's host, as a plan shows it and as it runs.
package struct HostCommand: Sendable, Equatable, Codable {
    /// Whom it runs as.
    package enum Account: String, Sendable, Codable {
        /// The user who logged in.
        case login
        /// The account of the PostgreSQL server: the owner of its data directory.
        case server
        /// The superuser.
        case root
    }

    /// The program and its arguments, before what it takes to become another account.
    package var words: [String]
    /// Whom it runs as.
    package var account: Account
    /// What it reads from its standard input.
    package var input: String

    /// A command by its parts.
    package init(_ words: [String], as account: Account = .server, input: String = "") {
        self.words = words
        self.account = account
        self.input = input
    }
}
