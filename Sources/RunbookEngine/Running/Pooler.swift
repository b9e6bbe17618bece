internal import Essentials
internal import Postgres

/// What a PgBouncer is told on its administration console.
package enum PoolerCommand: String, Sendable, Equatable, Codable, CaseIterable {
    /// Lets transactions end and makes clients wait.
    case pause
    /// Reads its configuration again.
    case reload
    /// Lets clients go on.
    case resume

    fileprivate var statement: StaticString {
        switch self {
        case .pause: "PAUSE"
        case .reload: "RELOAD"
        case .resume: "RESUME"
        }
    }

    /// What `SHOW STATE` says under `paused` once it is done; nil where it says nothing.
    fileprivate var paused: String? {
        switch self {
        case .pause: "yes"
        case .reload: nil
        case .resume: "no"
        }
    }
}

extension PoolerCommand {
    /// Sends the command to a console; one that is paused already, or isn't, is content.
    func run(on console: String, until deadline: Deadline) async throws(Failure) {
        do throws(PostgresError) {
            var connection = try await Connection.openConsole(ConnectionString(checked: console), until: deadline)
            do throws(PostgresError) {
                _ = try await connection.command(statement, until: deadline)
            } catch {
                guard case .server = error, let paused, try await Self.state(&connection, until: deadline) == paused
                else { throw error }
            }
        } catch {
            var failure = error.failure()
            failure.message = "PgBouncer did not take \(statement): \(failure.message)"
            throw failure
        }
    }

    private static func state(
        _ connection: inout Connection, until deadline: Deadline
    ) async throws(PostgresError) -> String? {
        for row in try await connection.command("SHOW STATE", until: deadline).rows {
            if try row.text("key") == "paused" { return try row.text("value") }
        }
        return nil
    }
}

extension ConnectionString {
    fileprivate init(checked text: String) throws(PostgresError) {
        do { try self.init(text) } catch { throw .failure(error) }
    }
}
