package import Essentials

/// How a command comes to run as another account than the user who logged in.
package struct AccountChange: Sendable, Equatable {
    private let facts: HostFacts
    private let become: [String]

    /// The change on a host of which these are the facts; `become` are the configured words, such as `sudo -n`.
    package init(_ facts: HostFacts, become: [String]) {
        self.facts = facts
        self.become = become
    }

    /// The user who logged in.
    var user: String { facts.user }
    /// The server's account, as a sentence names it.
    var serverAccount: String { facts.dataDirectory?.owner ?? "?" }

    /// The words before the command's own that make it its account's; none for the user who logged in.
    /// - Throws: `refused` where there is no way to that account; the hint says what would open one.
    package func prefix(for command: HostCommand) throws(Failure) -> [String] {
        switch command.account {
        case .login: return []
        case .root: return facts.userID == 0 ? [] : try become(nil, for: command)
        case .server:
            guard let directory = facts.dataDirectory, let owner = directory.owner, let ownerID = directory.ownerID
            else {
                throw Failure(
                    .refused, "could not tell which account the server belongs to",
                    detail: facts.dataDirectory.map { "\($0.path): \($0.refusal ?? "not found")" }
                        ?? "The data directory is not known.",
                    hint: "Give the node its \"data_directory\" in the configuration.")
            }
            if ownerID == facts.userID { return [] }
            guard ownerID != 0 else {
                throw Failure(
                    .refused, "the data directory \"\(directory.path)\" belongs to root",
                    detail: "PostgreSQL does not run as root.")
            }
            return facts.userID == 0 ? try fromRoot(to: owner, directory) : try become(owner, for: command)
        }
    }

    /// Root needs no permission, only a program that goes down to another account for good.
    ///
    /// Without its own home directory libpq would look for the password file in root's.
    private func fromRoot(to owner: String, _ directory: DataDirectoryFacts) throws(Failure) -> [String] {
        let home = facts.serverHome.map { ["env", "HOME=\($0)"] } ?? []
        let isNamed = !owner.hasPrefix("#")
        if let tool = tool("setpriv"), let group = directory.group {
            let groups = isNamed ? "--init-groups" : "--clear-groups"
            return [tool, "--reuid", isNamed ? owner : String(owner.dropFirst()), "--regid", group, groups, "--"] + home
        }
        if isNamed, let tool = tool("runuser") { return [tool, "-u", owner, "--"] + home }
        throw Failure(
            .refused, "could not become the account \"\(owner)\" of the server",
            detail: "The host has neither setpriv nor runuser.", hint: "Log in as \"\(owner)\" rather than as root.")
    }

    private func tool(_ name: String) -> String? {
        facts.accountTools.first { $0.hasSuffix("/\(name)") }
    }

    private func become(_ user: String?, for command: HostCommand) throws(Failure) -> [String] {
        guard !become.isEmpty else {
            throw Failure(
                .refused, "the user \"\(facts.user)\" may not run commands as \"\(user ?? "root")\"",
                detail: "The node's \"ssh\" has no \"become\".",
                hint: "Add become: \"sudo -n\" to it, and on the host the sudoers line: "
                    + sudoersLine(user: user, command))
        }
        return become + (user.map { ["-u", $0] } ?? []) + ["--"]
    }

    /// A line that lets the user do what pgdr needs, as narrow as it can be: for root the very command.
    package func sudoersLine(user: String?, _ command: HostCommand) -> String {
        let program = command.words.first ?? ""
        // sudoers wants to know where the program lies.
        let path = program.hasPrefix("/") ? [] : ["/usr/bin/\(program)"]
        let words =
            user == nil
            ? (path + command.words.dropFirst(path.count)).map(Self.sudoersWord).joined(separator: " ") : "ALL"
        return "\(facts.user) ALL=(\(user ?? "root")) NOPASSWD: \(words)"
    }

    /// sudoers takes these characters for its own.
    private static func sudoersWord(_ word: String) -> String {
        word.reduce(into: "") { text, character in
            if ",:=\\*?[]! ".contains(character) { text.append("\\") }
            text.append(character)
        }
    }
}
