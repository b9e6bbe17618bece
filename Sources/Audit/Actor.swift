#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Who acts: the account pgdr runs as, who became it by sudo, and what started pgdr when no person did.
package struct Actor: Sendable, Equatable, CustomStringConvertible {
    /// One line such as `root (sudo by ann)` or `monitor:alert-42 (as postgres)`.
    package let description: String

    /// An actor by its parts.
    /// - Parameters:
    ///   - user: the account.
    ///   - sudoUser: whose account it was before sudo; nil or empty without sudo.
    ///   - trigger: what started pgdr, such as `monitor:alert-42`; nil or empty when a person did.
    package init(user: String, sudoUser: String? = nil, trigger: String? = nil) {
        let account = sudoUser.flatMap { $0.isEmpty ? nil : "\(user) (sudo by \($0))" } ?? user
        description = trigger.flatMap { $0.isEmpty ? nil : "\($0) (as \(account))" } ?? account
    }

    /// This process's actor; `trigger` names what started it when no person did.
    package static func current(trigger: String? = nil) -> Actor {
        let sudoUser = getenv("SUDO_USER").map { String(cString: $0) }
        return Actor(user: accountName(), sudoUser: sudoUser, trigger: trigger)
    }

    /// The name of the account, or its number when the user database doesn't know it.
    private static func accountName() -> String {
        let uid = geteuid()
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16384) { buffer in
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            guard let strings = buffer.baseAddress, getpwuid_r(uid, &entry, strings, buffer.count, &found) == 0,
                found != nil, let name = entry.pw_name
            else { return "uid \(uid)" }
            return String(cString: name)
        }
    }

    /// The machine's own name.
    package static func hostName() -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let name = buffer.baseAddress, gethostname(name, buffer.count - 1) == 0 else { return "unknown" }
            buffer[buffer.count - 1] = 0
            return String(cString: name)
        }
    }
}
