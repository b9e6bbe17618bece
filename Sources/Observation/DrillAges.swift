internal import Essentials
internal import Postgres
internal import Replication
internal import SQLFiles

extension ClusterObserver {
    /// What the cluster tells of the drills there were: the primary, else any node that answered in the round.
    func drills(in snapshot: ClusterSnapshot, until deadline: Deadline) async -> DrillReading {
        let answering = snapshot.nodes.filter { $0.snapshot != nil }
        var reason = "No node answers."
        for node in answering.filter({ $0.snapshot?.inRecovery == false })
            + answering.filter({ $0.snapshot?.inRecovery == true })
        {
            guard let held = session(of: node.name), var session = held.take() else { continue }
            do throws(PostgresError) {
                let rows = try await session.connection.query(SQLFile.drillAges, until: deadline).rows
                var ages: [DrillKind: Double] = [:]
                for row in rows {
                    guard let kind = try row.text("kind").flatMap({ DrillKind(rawValue: $0) }) else { continue }
                    ages[kind] = try row.double("age").map { max(0, $0) }
                }
                held.put(session)
                return .told(ages)
            } catch .server(let error) {
                held.put(session)
                reason = "\(node.name): \(error.message)."
            } catch {
                reason = "\(node.name): \(error.failure().message)."
            }
        }
        return .untold(reason)
    }
}
