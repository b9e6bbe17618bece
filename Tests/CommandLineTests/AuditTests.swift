import Audit
import Essentials
import Lab
import Subprocess
import Testing

@Suite(.serialized, .timeLimit(.minutes(2)))
struct AuditTests {
    /// A directory with a configuration whose server doesn't answer, and a log beside it.
    private func withLog(_ body: (_ config: String, _ directory: String) async throws -> Void) async throws {
        try await withDirectory { directory in
            let config = try write(
                "clusters: {shop: {nodes: {a: {connection: 'host=127.0.0.1 port=1 user=pgdr', kind: primary}}}}\n",
                to: "\(directory)/pgdr.yaml")
            let log = try AuditLog.open("\(directory)/audit", actor: Actor(user: "ann"))
            try log.append([
                AuditEntry("run.started", cluster: "shop", run: "r-1", details: ["runbook": "switchover"]),
                AuditEntry("step.started", cluster: "shop", run: "r-1", node: "a", details: ["step": "a, \"b\"\nc"]),
                AuditEntry("run.started", cluster: "till", run: "r-2"),
                AuditEntry("run.finished", cluster: "shop", run: "r-1"),
            ])
            try await body(config, "\(directory)/audit")
        }
    }

    @Test func theLinesAreShownAsTheyAre() async throws {
        try await withLog { config, directory in
            let text = try read("\(directory)/audit-000001.jsonl")
            let lines = text.split(separator: "\n")
            let all = try await Tool.run(["audit", "show", "--format", "json"], config: config)
            #expect(all.status == 0)
            #expect(all.output == text)
            for (options, wanted) in [
                (["--run", "r-1"], [0, 1, 3]), (["--run", "r"], []), (["--cluster", "till"], [2]),
                (["--since", "1h"], [0, 1, 2, 3]), (["--since", "2999-01-01T00:00:00Z"], []),
                (["--run", "r-1", "--cluster", "till"], []),
            ] as [([String], [Int])] {
                let outcome = try await Tool.run(["audit", "show", "--format", "json"] + options, config: config)
                #expect(outcome.status == 0)
                #expect(outcome.lines == wanted.map { lines[$0] }, "\(options)")
            }
            let table = try await Tool.run(["audit", "show", "--run", "r-1"], config: config)
            #expect(table.lines.count == 4)
            #expect(table.lines.first?.hasPrefix("TIME ") == true)
            #expect(table.lines.dropFirst(2).first?.hasSuffix(#"cluster=shop step=a, "b"\u000ac"#) == true)
        }
    }

    @Test func newEventsAreFollowed() async throws {
        try await withLog { config, directory in
            let log = try AuditLog.open(directory, actor: Actor(user: "ben"), rotationSize: 300)
            async let outcome = Tool.interrupt(
                ["audit", "show", "--follow", "--format", "json", "--since", "1h"], afterLines: 20, with: .interrupt,
                config: config)
            for number in 5...20 {
                _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(30)))
                try log.append(AuditEntry("event.\(number)"))
            }
            let shown = try await outcome
            #expect(shown.status == 0)
            #expect(shown.errors == "")
            #expect(shown.elapsed < .seconds(1))
            let lines = shown.output.split(separator: "\n")
            #expect(lines.count == 20)
            for (index, line) in lines.enumerated() { #expect(line.hasPrefix("{\"seq\":\(index + 1),")) }
        }
    }

    @Test func aWholeLogIsIntactAndAnEditedOneIsNot() async throws {
        try await withLog { config, directory in
            let good = try await Tool.run(["audit", "verify"], config: config)
            #expect(good.status == 0)
            #expect(good.lines.first == "intact: 4 events in 1 file in \(directory)")
            #expect(
                good.output.contains("         shop: node \"a\" could not be asked: Connection refused")
                    || good.output.contains("shop: node \"a\" could not be asked: connection to server"),
                "\(good.output)")
            let head = try AuditLog.open(directory, actor: Actor(user: "ann")).head
            let anchored = try await Tool.run(["audit", "verify", "--anchor", "\(head)"], config: config)
            #expect(anchored.status == 0)
            #expect(anchored.output.contains("\nanchors  1 matches\n"), "\(anchored.output)")

            let file = "\(directory)/audit-000001.jsonl"
            let text = try read(file)
            try write(text.replacing("switchover", with: "switchback"), to: file)
            let edited = try await Tool.run(["audit", "verify"], config: config)
            #expect(edited.status == 2)
            #expect(edited.lines.first == "TAMPERED: edited: line 1 of \(file), event 1")
            let document = try await Tool.run(["audit", "verify", "--format", "json"], config: config)
            #expect(document.status == 2)
            let verification = try decode(VerificationDocument.self, document.output)
            #expect(verification.verdict == "tampered" && verification.problem?.kind == "edited")
            #expect(verification.problem?.line == 1)

            let lines = text.split(separator: "\n").map { "\($0)\n" }
            try write(lines.dropLast().joined(), to: file)
            #expect(try await Tool.run(["audit", "verify"], config: config).status == 0)
            let cut = try await Tool.run(["audit", "verify", "--anchor", "\(head)"], config: config)
            #expect(cut.status == 2)
            #expect(cut.lines.first == "TAMPERED: truncated: line 4 of \(file), event 4")

            try write(String(text.dropLast(10)), to: file)
            let torn = try await Tool.run(["audit", "verify"], config: config)
            #expect(torn.status == 1)
            #expect(torn.lines.first == "INCOMPLETE: line 4 of \(file), event 4")
        }
    }

    @Test func aCopyNeedsNoConfiguration() async throws {
        try await withLog { _, directory in
            let outcome = try await Tool.run(["audit", "verify", "--directory", directory])
            #expect(outcome.status == 0)
            #expect(
                outcome.errors == "pgdr: warning: no cluster is asked for anchors: found no configuration file\n")
            #expect(try await Tool.run(["audit", "show", "--directory", directory]).lines.count == 5)
        }
    }

    @Test(arguments: ["show", "verify", "export"]) func aLogThatIsNotThere(command: String) async throws {
        let outcome = try await Tool.run(["audit", command, "--directory", "/nonexistent/log"])
        #expect(outcome.status == 3)
        #expect(outcome.output == "")
        #expect(
            outcome.errors.hasSuffix(
                """
                pgdr: could not read "/nonexistent/log": No such file or directory
                HINT: The log begins with pgdr's first action.

                """), "\(outcome.errors)")
    }

    @Test func anExportIsTheLinesAndItsHashIsTold() async throws {
        try await withLog { config, directory in
            let copy = "\(directory)/../copy.jsonl"
            let outcome = try await Tool.run(["audit", "export", "--output", copy], config: config)
            #expect(outcome.status == 0)
            #expect(outcome.output == "")
            #expect(try read(copy) == read("\(directory)/audit-000001.jsonl"))
            #expect(outcome.errors.hasPrefix("exported 4 events, 1 to 4, "), "\(outcome.errors)")
            let hash = try await Tool.bash("sha256sum < \"$1\"; stat -c %a \"$1\"", [copy]).output
            #expect(hash.hasSuffix("\n600\n"))
            #expect(outcome.errors.contains("\nsha256   \(hash.prefix(64))\n"))

            let again = try await Tool.run(["audit", "export", "--output", copy], config: config)
            #expect(again.status == 3)
            #expect(again.errors.hasPrefix("pgdr: could not create \"\(copy)\": File exists\nHINT: "))
            let full = try await Tool.bash("exec \"$0\" audit export > /dev/full", config: config)
            #expect(full.status == 3)
            #expect(full.errors.hasPrefix("pgdr: could not write \"the standard output\": No space left on device"))

            let table = try await Tool.run(
                ["audit", "export", "--run", "r-1", "--format", "csv"], config: config)
            #expect(table.status == 0)
            let lines = table.output.split(separator: "\r\n")
            #expect(lines.count == 4)
            #expect(lines.first == "seq,at,actor,host,cluster,run,event,node,details,prev")
            #expect(lines[2].contains(#",shop,r-1,step.started,a,"{""step"":""a, \""b\""\nc""}","#), "\(lines[2])")
        }
    }

    @Test func nothingIsExportedOfALogThatWasTamperedWith() async throws {
        try await withLog { config, directory in
            let file = "\(directory)/audit-000001.jsonl"
            try write(try read(file).replacing("switchover", with: "switchback"), to: file)
            let refused = try await Tool.run(["audit", "export"], config: config)
            #expect(refused.status == 2)
            #expect(refused.output == "")
            #expect(refused.errors.hasPrefix("pgdr: line 1 of \"\(file)\" is not as pgdr wrote it\nDETAIL: "))
            let forced = try await Tool.run(["audit", "export", "--unverified"], config: config)
            #expect(forced.status == 0)
            #expect(forced.output == (try read(file)))
        }
    }
}

/// The keys of `pgdr audit verify --format json` that scripts rely on.
private struct VerificationDocument: Decodable {
    var schema: Int
    var directory: String
    var observer: String
    var verdict: String
    var count: UInt64
    var files: Int
    var head: Anchor
    @Nullable var problem: Problem?
    var anchors: [Anchor]
    var clusters: [Cluster]

    struct Anchor: Decodable {
        var seq: UInt64
        var hash: String
    }

    struct Problem: Decodable {
        var kind: String
        var file: String
        var line: Int
        var seq: UInt64
        var message: String
    }

    struct Cluster: Decodable {
        var name: String
        var nodes: [String]
    }
}
