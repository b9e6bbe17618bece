import Replication
import Hosts
import Configuration
import Essentials
import Testing

@testable import RunbookEngine

/// What a built-in runbook refuses before there is a plan, and what it plans but would not run.
struct RefusedPlanTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var runbook: String
        var given: [String: String]
        var message: String
        var change: @Sendable (inout Shop) -> Void
        var testDescription: String { "\(runbook): \(message)" }

        init(
            _ runbook: String, _ given: [String: String], _ message: String,
            _ change: @escaping @Sendable (inout Shop) -> Void = { _ in }
        ) {
            self.runbook = runbook
            self.given = given
            self.message = message
            self.change = change
        }
    }

    @Test(arguments: [
        Row("switchover", ["target": "nas-2"], "cluster \"shop\" has no primary that answers") { $0.silence("nas-1") },
        Row("switchover", ["target": "nas-2"], "cluster \"shop\" has more than one primary") { $0.promote("nas-3") },
        Row("switchover", ["target": "nas-2"], "the host of node \"nas-1\" could not be reached") {
            $0.facts.hosts["nas-1"] = nil
            $0.facts.hostProblems["nas-1"] = Failure(.connection, "no route to host")
        },
        Row("switchover", ["target": "nas-2"], "node \"nas-1\" has no \"ssh\" in the configuration") {
            $0.facts.hosts["nas-1"] = nil
        },
        Row(
            "switchover", ["target": "nas-2"],
            "the configuration does not say how node \"nas-1\" is started and stopped"
        ) {
            $0.facts.cluster.nodes[0].service = nil
        },
        Row("switchover", ["target": "nas-2"], "how standbys log in to their upstream is not known") {
            $0.facts.replication = nil
        },
        Row("promote", ["target": "nas-2", "old": "nas-2"], "node \"nas-2\" is named twice"),
        Row("promote", ["target": "nas-2"], "there is more than one primary: \"nas-1\" and \"nas-3\"") {
            $0.promote("nas-3")
        },
        Row("promote", ["target": "nas-2"], "which primary is given up is not clear") { shop in
            shop.facts.cluster.nodes[0].kind = .dr
            shop.change("nas-1") { $0.inRecovery = true }
        },
        Row("promote", ["target": "nas-3"], "which primary is given up is not clear") { shop in
            shop.facts.cluster.nodes[0].kind = .dr
            shop.silence("nas-1")
            shop.silence("nas-2")
            // None of the two listens there.
            shop.change("nas-3") { $0.primaryConninfo?.port = 5433 }
        },
        Row("rejoin", ["node_to_rejoin": "nas-1"], "cluster \"shop\" has no other primary that answers"),
        Row("rejoin", ["node_to_rejoin": "nas-1", "to": "nas-1"], "node \"nas-1\" is named twice"),
        Row("rejoin", ["node_to_rejoin": "nas-2"], "how node \"nas-2\" could rejoin could not be found out"),
        Row("rebuild", ["node_to_rebuild": "nas-2", "from": "nas-2"], "node \"nas-2\" is named twice"),
        Row("rebuild", ["node_to_rebuild": "nas-1"], "cluster \"shop\" has no other primary that answers"),
    ])
    func refuses(_ row: Row) throws {
        var shop = try Shop()
        row.change(&shop)
        let failure = try #require(throws: Failure.self) { try shop.plan(row.runbook, row.given) }
        #expect(failure.code == .refused)
        #expect(failure.message == row.message)
    }

    /// Of several that are silent the one that the target's own `primary_conninfo` names.
    @Test func theOneThatTheTargetNamesIsGivenUp() throws {
        var shop = try Shop()
        shop.silence("nas-1")
        shop.silence("nas-2")
        #expect(try shop.plan("promote", ["target": "nas-3"]).answers["old_primary"] == "nas-1")
        shop.change("nas-3") { $0.primaryConninfo = PrimaryConninfo(configured: true, host: "10.0.0.2", port: 5433) }
        #expect(try shop.plan("promote", ["target": "nas-3"]).answers["old_primary"] == "nas-2")
    }

    private func found(_ plan: Plan, _ title: String) throws -> ProbeResult {
        let requirement = try #require(
            plan.requirements.first { $0.title.hasPrefix(title) }, "\(plan.requirements.map(\.title))")
        guard case .known(let holds, let evidence) = requirement.probe else { return requirement.result }
        return ProbeResult(holds, evidence)
    }

    /// That nobody can prove the old primary to be gone is a risk of its own.
    @Test func fencing() throws {
        var shop = try Shop()
        let title = "nas-1 can be kept from taking writes"
        #expect(try found(shop.plan("promote", ["target": "nas-2"]), title).holds == true)
        shop.lose("nas-1")
        let refused = try shop.plan("promote", ["target": "nas-2"])
        #expect(
            try found(refused, title)
                == ProbeResult(false, "the host of node \"nas-1\" could not be reached: no route to host"))
        #expect(!refused.mayRun && refused.answers["fencing"] == "none")
        let accepted = try shop.plan("promote", ["target": "nas-2", "accept_unfenced": "true"])
        #expect(try found(accepted, title).holds == true)
        #expect(try found(accepted, title).evidence.hasPrefix("not proved, and accepted: "))
        #expect(accepted.steps.first?.id != "fence")
    }

    /// A node that runs as a primary is only stopped by who says so.
    @Test func givingUp() throws {
        var shop = try Shop.toRejoin(.rewind)
        shop.facts.rejoining["nas-1"]?.runsAsPrimary = true
        let refused = try shop.plan("rejoin", ["node_to_rejoin": "nas-1"])
        #expect(refused.answers == ["upstream": "nas-2", "method": "refused"])
        #expect(!refused.mayRun)
        #expect(try found(refused, "nas-1 can come back (refused)").holds == false)
        let given = try shop.plan("rejoin", ["node_to_rejoin": "nas-1", "give_up": "true"])
        #expect(given.answers["method"] == "rewind")
        #expect(try found(given, "nas-1 can come back (rewind)").holds == true)
    }

    @Test func circles() throws {
        let title = "nas-2: the upstream does not get its WAL from the node ("
        #expect(
            try found(Shop().plan("repoint", ["node_to_repoint": "nas-2", "upstream": "nas-3"]), title).holds == true)
        let own = try Shop().plan("repoint", ["node_to_repoint": "nas-2", "upstream": "nas-2"])
        #expect(try found(own, title) == ProbeResult(false, "nas-2: that would be a circle"))
        var shop = try Shop()
        shop.change("nas-3") { own in
            own.receiver?.senderHost = "10.0.0.2"
            own.receiver?.senderPort = 5433
        }
        shop.change("nas-1") { $0.standbys.removeLast() }
        let circle = try shop.plan("repoint", ["node_to_repoint": "nas-2", "upstream": "nas-3"])
        #expect(try found(circle, title) == ProbeResult(false, "nas-3 follows nas-2: that would be a circle"))
    }

    @Test func room() throws {
        let title = "nas-2: the disk has room for a copy of that node ("
        var shop = try Shop()
        func result() throws -> ProbeResult { try found(shop.plan("rebuild", ["node_to_rebuild": "nas-2"]), title) }
        // The databases' size, a tenth of it and 64 MB.
        shop.facts.hosts["nas-2"]?.dataDirectory?.parentFreeBytes = 1190 << 20
        #expect(
            try result() == ProbeResult(false, "nas-2: 1190 MB are free beside the data directory, 1190 MB are needed"))
        shop.facts.hosts["nas-2"]?.dataDirectory?.parentFreeBytes = 1191 << 20
        #expect(try result().holds == true)
        shop.facts.hosts["nas-2"]?.dataDirectory?.parentFreeBytes = nil
        #expect(try result().holds == false)
        shop.facts.sizes["nas-1"] = nil
        #expect(try result() == ProbeResult(false, "the size of nas-1 is not known"))
    }

    @Test func replacing() throws {
        let title = "nas-3: the data directory can be renamed, so that another takes its place"
        var shop = try Shop()
        func result() throws -> ProbeResult { try found(shop.plan("rebuild", ["node_to_rebuild": "nas-3"]), title) }
        #expect(try result() == ProbeResult(true, "nas-3: /srv/three can be renamed"))
        shop.facts.hosts["nas-3"]?.dataDirectory?.isParentWritable = false
        #expect(try result().holds == false)
        shop.facts.hosts["nas-3"]?.dataDirectory?.isMountPoint = true
        #expect(try result() == ProbeResult(false, "nas-3: /srv/three is a mount point, which can't be renamed"))
        shop.facts.hosts["nas-3"]?.dataDirectory?.isMountPoint = false
        shop.facts.hosts["nas-3"]?.dataDirectory?.isParentWritable = true
        shop.facts.hosts["nas-3"]?.dataDirectory?.walLink = "/wal"
        #expect(try result().evidence.hasPrefix("nas-3: pg_wal leads to /wal, a mount point, or "))
        shop.facts.hosts["nas-3"]?.dataDirectory?.isWALParentWritable = true
        #expect(try result().holds == true)
        shop.facts.hosts["nas-3"]?.dataDirectory?.isLink = true
        #expect(try result().holds == false)
    }

    @Test func actingOnHosts() throws {
        let title = "nas-2: SSH, the data directory and the service are there"
        var shop = try Shop()
        #expect(try found(shop.plan("switchover", ["target": "nas-2"]), title).holds == true)
        shop.facts.hosts["nas-2"]?.dataDirectory?.majorVersion = nil
        #expect(
            try found(shop.plan("switchover", ["target": "nas-2"]), title)
                == ProbeResult(false, "nas-2: \(Shop.directory) holds no data directory of PostgreSQL"))
        shop.lose("nas-2")
        #expect(
            try found(
                shop.plan("fence", ["node_to_fence": "nas-1"]),
                "nas-1: SSH, the data directory and the service are there"
            ).holds == true)
    }
}
