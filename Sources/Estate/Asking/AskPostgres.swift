import Configuration
import Essentials
import Postgres
import SQLFiles

/// Opens a session as any client does, and asks what it has arrived at.
func ask(postgres probe: PostgresProbe, until deadline: Deadline) async throws(Failure) -> PostgresAnswer {
    do throws(PostgresError) {
        var connection = try await Connection.openAsClient(
            probe.connection, applicationName: "pgdr", until: deadline)
        let place = connection.place.flatMap { place in
            place.host.hasPrefix("/") ? nil : ServerAddress(host: place.host.lowercased(), port: place.port)
        }
        let row = try await connection.query(SQLFile.arrival, until: deadline).onlyRow()
        return PostgresAnswer(
            isStandby: try row.bool("standby") ?? true, isReadOnly: try row.bool("read_only") ?? true,
            version: String((try row.text("version") ?? "").prefix { $0 != " " }), arrivedAt: place)
    } catch {
        switch error {
        case .failure(let failure): throw failure
        case .server(let error): throw Failure(.server, "refuses: \(error.message)")
        case .silence(let silence):
            throw Failure(.connection, silence.reason.rawValue.replacing("_", with: " "), detail: silence.detail)
        }
    }
}
