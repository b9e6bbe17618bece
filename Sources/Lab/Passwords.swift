internal import Essentials

/// The random passwords of a lab's roles.
///
/// They stand in its passfiles and nowhere else: in no argument list, no server configuration and no output.
struct Passwords: Sendable {
    private let texts: [LabRole: String]

    /// New ones, each of 142 random bits, of letters and digits only, so that no file's syntax touches them.
    init() {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        var generator = SystemRandomNumberGenerator()
        var texts: [LabRole: String] = [:]
        for role in LabRole.allCases {
            texts[role] = String((0..<24).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
        }
        self.texts = texts
    }

    subscript(role: LabRole) -> String { texts[role, default: ""] }

    /// Writes the passfiles: one for the invoking user and, when that is root, one for the servers' account, since
    /// libpq takes a passfile only from its reader's own.
    func write(for lab: Lab) throws(Failure) {
        // Any host: tests put proxies before the servers.
        let text = LabRole.allCases.map { "*:*:*:\($0.rawValue):\(self[$0])\n" }.joined()
        try LabFile.write(text, to: lab.passfile, mode: 0o600)
        if lab.serverPassfile != lab.passfile {
            try LabFile.write(text, to: lab.serverPassfile, mode: 0o600, owner: lab.account)
        }
    }
}

extension Lab {
    /// The passfile the servers themselves read.
    var serverPassfile: String { account.differsFromInvoker ? "\(passfile).postgres" : passfile }
}
