package import Configuration
package import Essentials
internal import Postgres
package import Replication
internal import SQLFiles

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Asks one server what it could trip over once it is primary; nil when it doesn't answer.
/// - Parameter version: its `server_version_num`; databases record a collation version from 15 on.
package func promotionFacts(
    of node: NodeConfiguration, version: Int, until deadline: Deadline
) async -> PromotionFacts? {
    do {
        var connection = try await Connection.open(
            node.connection, SessionSettings(access: .readOnly, statementTimeout: deadline.remaining), until: deadline)
        let row = try await connection.query(SQLFile.validate, until: deadline).onlyRow()
        guard let document = try row.text("document") else { return nil }
        var facts = try JSONDecoder().decode(PromotionFacts.self, from: Data(document.utf8))
        if version >= 150_000 {
            for row in try await connection.query(SQLFile.databaseCollations, until: deadline).rows {
                facts.collations.append(
                    PromotionFacts.Collation(
                        name: "database \(try row.text("name") ?? "?")", recorded: try row.text("recorded"),
                        actual: try row.text("actual")))
            }
        }
        return facts
    } catch {
        return nil
    }
}
