import Failover
import Replication
import Testing

/// When the standbys that answer are sure to have every acknowledged commit.
@Suite struct CommitProofTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var setting: String?
        var answering: [String]
        var silent: [String] = []
        var isProved: Bool
    }

    static let rows = [
        Row(testDescription: "not known", setting: nil, answering: ["dr", "replica"], isProved: false),
        Row(testDescription: "asynchronous", setting: "", answering: ["dr", "replica"], isProved: false),
        Row(
            testDescription: "ANY 1 of 2, both", setting: "ANY 1 (dr, replica)", answering: ["dr", "replica"],
            isProved: true),
        Row(
            testDescription: "ANY 1 of 2, one silent", setting: "ANY 1 (dr, replica)", answering: ["dr"],
            silent: ["replica"], isProved: false),
        Row(
            testDescription: "ANY 2 of 2, one silent", setting: "ANY 2 (dr, replica)", answering: ["dr"],
            silent: ["replica"], isProved: true),
        Row(
            testDescription: "ANY 2 of 3, one silent", setting: "ANY 2 (a, b, c)", answering: ["a", "c"], silent: ["b"],
            isProved: true),
        Row(
            testDescription: "ANY 2 of 3, two silent", setting: "ANY 2 (a, b, c)", answering: ["a"],
            silent: ["b", "c"],
            isProved: false),
        Row(testDescription: "one alone", setting: "dr", answering: ["dr"], silent: ["replica"], isProved: true),
        Row(testDescription: "the other one", setting: "dr", answering: ["replica"], silent: ["dr"], isProved: false),
        Row(
            testDescription: "FIRST 1 of 2: the second confirms while the first is away",
            setting: "FIRST 1 (dr, replica)",
            answering: ["dr"], silent: ["replica"], isProved: false),
        Row(
            testDescription: "a name that no node has", setting: "ANY 1 (dr, elsewhere)", answering: ["dr", "replica"],
            isProved: false),
        Row(
            testDescription: "the primary's own name: all nodes share the setting", setting: "ANY 1 (nas, dr, replica)",
            answering: ["dr", "replica"], isProved: true),
        Row(
            testDescription: "the same, and one is silent", setting: "ANY 1 (NAS, dr, replica)", answering: ["dr"],
            silent: ["replica"], isProved: false),
        Row(testDescription: "anybody", setting: "ANY 1 (*)", answering: ["dr", "replica"], isProved: false),
        Row(testDescription: "case", setting: "ANY 1 (DR, \"Replica\")", answering: ["dr", "replica"], isProved: true),
        Row(testDescription: "twice the same", setting: "ANY 1 (dr, dr)", answering: ["dr"], isProved: true),
    ]

    @Test(arguments: rows) func proof(_ row: Row) throws {
        let standbys =
            try row.answering.map { try Scene.standby($0, at: "0/5000000") } + row.silent.map { Scene.silent($0) }
        switch CommitProof.of(row.setting, primary: "nas", standbys) {
        case .proved(let names):
            #expect(row.isProved)
            #expect(!names.isEmpty && Set(names).isSubset(of: row.answering))
        case .open(let reason):
            #expect(!row.isProved)
            #expect(!reason.isEmpty)
        case .asynchronous: #expect(row.setting == "")
        }
    }

    @Test func aDivergedStandbyProvesNothing() throws {
        let standbys = [
            try Scene.standby("dr", at: "0/5000000"),
            try Scene.standby("replica", at: "0/5000000", obstacles: [.diverged("")]),
        ]
        guard case .open = CommitProof.of("ANY 1 (dr, replica)", standbys) else {
            Issue.record("proved by a standby on another line of history")
            return
        }
    }

    /// By trying all ways in which commits may have been confirmed.
    @Test(arguments: 1...4, 1...4) func thePigeonholeHoldsAlways(_ listed: Int, _ count: Int) throws {
        guard count <= listed else { return }
        let names = (0..<listed).map { "n\($0)" }
        for mask in 0..<(1 << listed) {
            let answering = names.enumerated().filter { mask & (1 << $0.offset) != 0 }.map(\.element)
            let standbys = try names.map { name in
                answering.contains(name) ? try Scene.standby(name, at: "0/5000000") : Scene.silent(name)
            }
            let isProved: Bool
            if case .proved = CommitProof.of("ANY \(count) (\(names.joined(separator: ", ")))", standbys) {
                isProved = true
            } else {
                isProved = false
            }
            // A set of `count` standbys, none of which answers, could have confirmed a commit.
            let couldBeLost = (0..<(1 << listed)).contains { $0.nonzeroBitCount == count && $0 & mask == 0 }
            #expect(isProved == !couldBeLost)
        }
    }
}
