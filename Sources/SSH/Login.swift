internal import CLibssh2
internal import Essentials

/// Logging in on a link whose host key has been checked.
struct Login {
    var endpoint: Endpoint
    var secrets: Secrets

    /// - Throws: `authentication` with what came of each key as the detail, `connection`, `timeout`, `cancelled`.
    func logIn(over link: borrowing Link, until deadline: Deadline) async throws(Failure) {
        var attempts: [String] = []
        for file in endpoint.identityFiles {
            let user = endpoint.user
            let result: Int
            do {
                result = try await link.drive(until: deadline) { session in
                    Int(
                        libssh2_userauth_publickey_fromfile_ex(
                            session, user, UInt32(user.utf8.count), nil, file, nil))
                }
            } catch {
                throw Failure(.timeout, "no answer to the login on host \"\(endpoint.host)\" in time")
            }
            if result == 0 { return }
            attempts.append("\(file): \(link.lastError().text)")
        }
        throw Failure(
            .authentication, "host \"\(endpoint.host)\" did not let user \"\(endpoint.user)\" in",
            detail: attempts.joined(separator: "\n"))
    }
}
