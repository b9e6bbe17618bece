import Configuration
import Essentials
import Replication
import Testing

@testable import RunbookEngine

struct DecisionTests {
    private static let record = DecisionRecord(
        nominee: "nas-2", replaces: "nas-1", run: Shop.run, by: "root (sudo by ann)", at: "2026-11-25T03:15:02.000001Z")

    @Test func aRecordIsOneLineOfJSON() throws {
        #expect(
            Self.record.line
                == #"{"at":"2026-11-25T03:15:02.000001Z","automatic":null,"by":"root (sudo by ann)","nominee":"nas-2","#
                + #""replaces":"nas-1","run":"20261125-031502-abcd","trigger":null}"#)
        var triggered = Self.record
        triggered.trigger = "alert \"it's\"\n/7"
        #expect(triggered.line.hasSuffix(#""trigger":"alert \"it's\"\n/7"}"#))
        triggered.automatic = true
        for record in [Self.record, triggered] { #expect(DecisionRecord(line: "\(record.line)\n\n") == record) }
    }

    @Test(arguments: [
        "", "\n", "{}", "null", #"{"nominee":"nas-2"}"#, "torn {\"nominee\"",
        #"{"at":"","by":"","nominee":"","replaces":"nas-1","run":"r","trigger":null}"#,
        #"{"at":"","by":"","nominee":"nas-2","replaces":"nas-1","run":"r","trigger":null}{}"#,
    ]) func otherTextIsNone(text: String) {
        #expect(DecisionRecord(line: text) == nil)
    }

    @Test func aKeyNamesTheClusterAndTheTimeline() throws {
        let key = DecisionKey(system: try #require(Shop.system), timeline: Timeline(rawValue: 12))
        #expect(key.fileName == "7412345678901234567-12")
    }

    struct Count: Sendable, CustomTestStringConvertible {
        /// Of each voter: the nominee of its record, nothing, or "-" where it gives no answer.
        var answers: String
        var decided: Bool
        var decidedWithoutQuorum: Bool
        var contradiction: String?
        var testDescription: String { answers }
    }

    /// Whatever is accepted, a record for another node stops; what isn't reached counts among all.
    @Test(arguments: [
        Count(answers: "b b b", decided: true, decidedWithoutQuorum: true),
        Count(answers: "b b -", decided: true, decidedWithoutQuorum: true),
        Count(answers: "b - -", decided: false, decidedWithoutQuorum: true),
        Count(answers: "- - -", decided: false, decidedWithoutQuorum: true),
        Count(answers: "b b . -", decided: false, decidedWithoutQuorum: true),
        Count(answers: "b b b -", decided: true, decidedWithoutQuorum: true),
        Count(answers: "b", decided: true, decidedWithoutQuorum: true),
        Count(answers: "", decided: false, decidedWithoutQuorum: true),
        Count(answers: "b b c", decided: false, decidedWithoutQuorum: false, contradiction: "v3"),
        Count(answers: "c - -", decided: false, decidedWithoutQuorum: false, contradiction: "v1"),
    ]) func countsOfAll(_ row: Count) {
        let words = row.answers.split(separator: " ")
        let voters = words.indices.map { "v\($0 + 1)" }
        var answers: [String: DecisionAnswer] = [:]
        for (voter, word) in zip(voters, words) {
            var record = Self.record
            record.nominee = String(word)
            answers[voter] =
                switch word {
                case "-": .unreached(Failure(.connection, "no route"))
                case ".": DecisionAnswer.none
                default: .record(record)
                }
        }
        let ballot = Ballot(
            name: "1-1", nominee: "b", reads: voters.map { RemoteCommand($0, ["true"]) }, unasked: [])
        func failure(_ acceptsNoQuorum: Bool) -> Failure? {
            let draft = DecisionAct.Draft(replaces: "a", run: "r", trigger: nil)
            let act = DecisionAct(ballot: ballot, draft: draft, writes: [], acceptsNoQuorum: acceptsNoQuorum)
            return DecisionTally(ballot, answers).failure(act)
        }
        #expect((failure(false) == nil) == row.decided)
        #expect((failure(true) == nil) == row.decidedWithoutQuorum)
        #expect(failure(true)?.node == row.contradiction)
        if row.contradiction != nil {
            #expect(failure(true)?.detail?.contains("has \"c\" (run \(Shop.run))") == true)
        }
    }

    /// Voters that can't be asked while planning are among all that are counted.
    @Test func theVotersOfAPlan() throws {
        var shop = try Shop()
        shop.lose("nas-1")
        shop.facts.hosts["nas-3"] = nil
        shop.facts.cluster.nodes[2].ssh = nil
        shop.facts.cluster.witnesses = [WitnessConfiguration(name: "third", ssh: SSHAddress(host: "10.0.0.9"))]
        let ballot = try shop.facts.ballot(for: "nas-2", replacing: "nas-1")
        #expect(ballot.reads.map(\.node) == ["nas-2", "third"])
        #expect(ballot.unasked.map(\.voter) == ["nas-3"] && ballot.count == 3 && ballot.majority == 2)
        #expect(ballot.name == "7412345678901234567-1")
        #expect(
            ballot.reads.map { Array($0.words.suffix(2)) }
                == [["/srv/pgdr_decisions", ballot.name], [".pgdr/decisions", ballot.name]])
        // It goes into the server's account there, and stays who logged in here.
        #expect(ballot.reads[0].become.contains("postgres") && ballot.reads[1].become.isEmpty)
    }

    /// The latest timeline that a standby of the cluster is on ends, and not that of a stranger.
    @Test func theTimelineIsTheLatest() throws {
        var shop = try Shop()
        shop.lose("nas-1")
        shop.change("nas-3") { $0.receiver?.receivedTimeline = Timeline(rawValue: 5) }
        #expect(try shop.facts.decisionKey(for: "nas-2", replacing: "nas-1").timeline == Timeline(rawValue: 5))
        shop.change("nas-3") { $0.systemIdentifier = SystemIdentifier(rawValue: "1") }
        #expect(try shop.facts.decisionKey(for: "nas-2", replacing: "nas-1").timeline == Timeline(rawValue: 1))
        shop.silence("nas-2")
        #expect(throws: Failure.self) { try shop.facts.decisionKey(for: "nas-2", replacing: "nas-1") }
    }

    /// A directory that was named is taken; without a name the one beside the data directory is.
    @Test(
        arguments: [
            (data: "/srv/one/data", decisions: nil, directory: "/srv/one/pgdr_decisions"),
            (data: "/srv/one/data//", decisions: nil, directory: "/srv/one/pgdr_decisions"),
            (data: "/data", decisions: nil, directory: "/pgdr_decisions"),
            (data: "/srv/one/data", decisions: "/var/lib/pgdr", directory: "/var/lib/pgdr"),
        ] as [(data: String, decisions: String?, directory: String)])
    func whereTheyLie(_ row: (data: String, decisions: String?, directory: String)) throws {
        let shop = try Shop()
        var node = try shop.facts.node("nas-3")
        node.dataDirectory = row.data
        node.decisions = row.decisions
        #expect(try DecisionPlace(node, shop.facts.host("nas-3")).directory == row.directory)
    }
}
