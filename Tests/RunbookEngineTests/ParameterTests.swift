import Configuration
import Essentials
import Testing

@testable import RunbookEngine

/// The values that a runbook is given.
struct ParameterTests {
    private static let text = """
        title: T
        parameters:
          target: {type: node, help: The one}
          other: {type: node, default: ""}
          size: {type: bytes, default: 16MB}
          wait: {type: duration, default: 30s}
          count: {type: integer, default: 3}
          yes: {type: flag, default: "false"}
          how: {type: choice, choices: [fast, slow], default: slow}
          note: {type: text, default: ""}
          pooler: {type: connection, default: ""}
        steps:
          - name: a
            wait: 1s
        """

    private func completed(_ given: [String: String]) throws -> [String: String] {
        try runbook(Self.text).completed(given, in: Shop().facts.cluster)
    }

    @Test func defaults() throws {
        #expect(
            try completed(["target": "nas-2"]) == [
                "target": "nas-2", "other": "", "size": "16MB", "wait": "30s", "count": "3", "yes": "false",
                "how": "slow", "note": "", "pooler": "",
            ])
    }

    @Test(arguments: [
        ("other", "nas-1"), ("other", ""), ("size", "0B"), ("size", "1.5 GB"), ("wait", "0s"), ("count", "0"),
        ("yes", "true"), ("how", "fast"), ("note", "it's $(x) ${y}"), ("pooler", "host=/run/x dbname=pgbouncer"),
    ]) func accepts(name: String, value: String) throws {
        #expect(try completed(["target": "nas-2", name: value])[name] == value)
    }

    @Test(arguments: [
        ("size", "big", " \"big\"", "a size such as 16MB"), ("size", "16", " \"16\"", "a size such as 16MB"),
        ("size", "-1MB", " \"-1MB\"", "a size such as 16MB"), ("size", "", " \"\"", "a size such as 16MB"),
        ("wait", "soon", " \"soon\"", "a length of time such as 30s"),
        ("count", "-1", " \"-1\"", "a whole number"), ("count", "+1", " \"+1\"", "a whole number"),
        ("count", "4294967296", " \"4294967296\"", "a whole number"), ("yes", "yes", " \"yes\"", "true or false"),
        ("how", "Fast", " \"Fast\"", "\"fast\" or \"slow\""), ("note", "a\nb", "", "a text on one line"),
        ("note", "a\r\nb", "", "a text on one line"),
        ("pooler", "host=h password=secret", "", "a connection string without a password (put that into ~/.pgpass)"),
        ("pooler", "secret", "", "a connection string without a password (put that into ~/.pgpass)"),
    ]) func refusesValues(name: String, value: String, echo: String, expectation: String) throws {
        let failure = try #require(throws: Failure.self) { try completed(["target": "nas-2", name: value]) }
        #expect(
            failure
                == Failure(
                    .configuration, "invalid value for \"\(name)\"\(echo)", detail: "Expected \(expectation)."))
    }

    @Test func missing() throws {
        let failure = try #require(throws: Failure.self) { try completed([:]) }
        #expect(
            failure
                == Failure(
                    .configuration, "runbook \"own\" needs \"target\"", detail: "The one.",
                    hint: "Give it with: --set target=…, a node's name"))
    }

    /// Only a default can stand for no node.
    @Test func empty() throws {
        let failure = try #require(throws: Failure.self) { try completed(["target": ""]) }
        #expect(failure.message == "there is no node \"\" in cluster \"shop\"")
    }

    @Test func unknown() throws {
        let names =
            "\"target\", \"other\", \"size\", \"wait\", \"count\", \"yes\", \"how\", \"note\" and \"pooler\""
        let failure = try #require(throws: Failure.self) { try completed(["target": "nas-2", "sise": "1MB"]) }
        #expect(
            failure
                == Failure(
                    .configuration, "runbook \"own\" takes no \"sise\"", detail: "It takes \(names).",
                    hint: "Did you mean \"size\"?"))
        let nothing = try #require(throws: Failure.self) {
            try runbook(step("wait: 1s")).completed(["a": "b"], in: Shop().facts.cluster)
        }
        #expect(nothing.detail == "It takes nothing.")
    }

    @Test func noSuchNode() throws {
        let failure = try #require(throws: Failure.self) { try completed(["target": "nas-4"]) }
        #expect(failure.message == "there is no node \"nas-4\" in cluster \"shop\"")
        #expect(failure.detail == "Nodes: \"nas-1\", \"nas-2\" and \"nas-3\".")
        #expect(failure.hint == "Did you mean \"nas-1\"?")
    }

    @Test func positional() throws {
        let definition = try runbook(Self.text)
        #expect(try definition.named([], [:]) == [:])
        #expect(try definition.named(["a", "b"], [:]) == ["target": "a", "other": "b"])
        // Those that have a name already take no value without one.
        #expect(
            try definition.named(["a"], ["target": "t", "size": "s"]) == ["target": "t", "other": "a", "size": "s"])
        let failure = try #require(throws: Failure.self) { try definition.named(Array(repeating: "a", count: 10), [:]) }
        #expect(failure.message == "runbook \"own\" takes no more values than 9")
        #expect(throws: Failure.self) { try runbook(step("wait: 1s")).named(["a"], [:]) }
    }
}
