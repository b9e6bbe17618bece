import Replication
import Configuration
import Essentials
import Testing

@testable import RunbookEngine

struct BuiltInRunbookTests {
    static let names = [
        "complete-failover", "drill-clone", "drill-snapshot", "failover", "fence", "promote", "rebuild", "rejoin",
        "repoint", "start", "switchover", "unfence",
    ]

    private func definition(_ name: String) throws -> RunbookDefinition {
        try RunbookLibrary(directory: nil).definition(named: name)
    }

    @Test func areThere() throws {
        #expect(try RunbookLibrary(directory: nil).sources.map(\.name) == Self.names)
        #expect(try RunbookLibrary(directory: nil).sources.allSatisfy { $0.path == nil })
    }

    @Test(arguments: names) func saysWhatItDoes(name: String) throws {
        let definition = try definition(name)
        let sentences = definition.comment.split(separator: "\n\n")
        #expect(try #require(sentences.first).hasSuffix("."), "\(definition.comment)")
        #expect(!definition.parameters.isEmpty)
        for parameter in definition.parameters {
            #expect(!parameter.help.isEmpty && !parameter.help.hasSuffix("."), "\(parameter.name)")
        }
        // The file is what one reads, so it has no tabs and lines that fit.
        for line in definition.source.split(separator: "\n") { #expect(line.count <= 120 && !line.contains("\t")) }
    }

    /// How it stands to a step's action that it is taken back.
    private static let changesNothing: Set = [
        // These leave things as they are, or as they should be anyway.
        "notify", "checkpoint", "settle", "unpin_wal", "drop_slot", "drop_aside", "allow_autostart", "save_wal",
        "await_wal", "await_most_advanced", "await_replay",
        // What was decided stays so, and how a node that was cut off comes back only people know.
        "decide", "fence_command",
    ]

    /// Before the point of no return every step that changes something says how it is taken back.
    @Test(arguments: names) func everyStepCanBeTakenBack(name: String) throws {
        let definition = try definition(name)
        for plan in try Self.plans(of: name) {
            for step in plan.steps {
                if step.isPointOfNoReturn { break }
                let name = step.id.prefix { $0 != "[" }
                let written = try #require(definition.steps.first { $0.name == name })
                if written.undo == [] || Self.changesNothing.contains(step.action) { continue }
                // A step that turned out to have nothing to do.
                if step.acts.isEmpty { continue }
                #expect(!step.undo.isEmpty, "\(step.id)")
            }
        }
    }

    /// Each step has a name of its own and something to do, and nothing waits for ever.
    @Test(arguments: names) func stepsAreWhole(name: String) throws {
        for plan in try Self.plans(of: name) {
            #expect(Set(plan.steps.map(\.id)).count == plan.steps.count)
            #expect(plan.steps.count { $0.isPointOfNoReturn } <= 1)
            #expect(plan.runbook == name && plan.cluster == "shop" && !plan.title.contains("$"))
            for step in plan.steps {
                #expect(!step.acts.isEmpty || step.unless != nil, "\(step.id)")
                #expect(step.timeout > 0 && !step.title.isEmpty)
            }
            // Nothing was asked yet, so that nothing may run.
            for requirement in plan.requirements where requirement.result.holds != nil {
                guard case .known = requirement.probe else {
                    Issue.record("asked: \(requirement.title)")
                    continue
                }
            }
        }
    }

    @Test(arguments: [
        (
            "switchover",
            "slots[nas-1] slots[nas-3] synchronous-names checkpoint[nas-1] checkpoint[nas-2]"
                + " mark-old-primary stop-old-primary last-wal promote! repoint[nas-3] start-old-primary"
                + " fill-archive only-one-primary drop-stale-slots[nas-2] drop-stale-slots[nas-3] settle"
        ),
        (
            "promote",
            "fence slots[nas-2] synchronous-names positions promote! repoint[nas-2] fill-archive"
                + " only-one-primary"
        ),
        (
            "promote",
            "fence-command slots[nas-3] synchronous-names positions promote! repoint[nas-3] only-one-primary"
        ),
        (
            "failover",
            "decide fence slots[nas-2] synchronous-names positions promote!"
                + " repoint[nas-2] fill-archive record-failover"
                + " only-one-primary"
        ),
        (
            "failover",
            "decide detach[nas-2] detach[nas-3] fetch-slot fetch slots[nas-3] synchronous-names positions promote!"
                + " repoint[nas-3] drop-fetch-slot record-failover only-one-primary"
        ),
        (
            "failover",
            "decide fence-command slots[nas-3] synchronous-names positions promote!"
                + " repoint[nas-3] record-failover only-one-primary"
        ),
        (
            "failover",
            "decide detach[nas-2] detach[nas-3] try-fence-command slots[nas-3] synchronous-names positions promote!"
                + " repoint[nas-3] record-failover only-one-primary"
        ),
        (
            "failover",
            "decide detach[nas-2] detach[nas-3] try-fence slots[nas-3] synchronous-names positions promote!"
                + " repoint[nas-3] fill-archive record-failover only-one-primary"
        ),
        (
            "rejoin",
            "slot stop mark autostart start settle drop-stale-slots[nas-2] drop-stale-slots[nas-3]"
                + " drop-former-slots[nas-3]"
        ),
        (
            "rejoin",
            "slot stop save-wal checkpoint hold-autostart try-rewind rewind! mark autostart release-autostart start restore-slots settle drop-stale-slots[nas-2]"
                + " drop-stale-slots[nas-3] drop-former-slots[nas-3]"
        ),
        (
            "rejoin",
            "slot stop save-wal pin-wal copy swap-in autostart start restore-slots unpin-wal"
                + " drop-stale-slots[nas-2] drop-stale-slots[nas-3] drop-former-slots[nas-3] drop-old-data!"
        ),
        ("rejoin", "nothing-to-do"),
        ("rebuild", "slot pin-wal copy stop swap-in start restore-slots unpin-wal drop-old-data!"),
        ("repoint", "slot repoint drop-stale-slot"),
        (
            "drill-snapshot",
            "keep-settings checkpoint[nas-1] checkpoint[nas-2] pin-wal level stop hold-autostart start-apart open"
                + " close! rewind release-autostart start caught-up unpin-wal"
        ),
        (
            "drill-snapshot",
            "keep-settings checkpoint[nas-1] checkpoint[nas-3] pin-wal level stop hold-autostart start-apart open"
                + " verify-sql verify-command stay-open close! rewind release-autostart start caught-up unpin-wal"
        ),
        ("drill-clone", "copy start-apart open inspect close remove"),
        ("drill-clone", "copy start-apart open inspect verify-sql verify-command close remove"),
        ("fence", "fence"),
        ("unfence", "unfence start"),
    ]) func stepsInOrder(name: String, ids: String) throws {
        let plans = try Self.plans(of: name).map { plan in
            plan.steps.map { $0.id + ($0.isPointOfNoReturn ? "!" : "") }.joined(separator: " ")
        }
        #expect(plans.contains(ids), "\(plans)")
    }

    /// The PgBouncer and the program that leads clients are only there for who names them.
    @Test func switchoverWithClients() throws {
        let plan = try Shop().plan(
            "switchover",
            ["target": "nas-2", "pgbouncer": "host=/run/it's dbname=pgbouncer", "reroute": "/opt/re route"])
        let locals = plan.steps.filter { $0.action == "local" }
        #expect(locals.map(\.id) == ["pause-pgbouncer", "reroute", "resume-pgbouncer"])
        #expect(
            locals.map(\.acts) == [
                [
                    .local([
                        "psql", "-X", "-w", "-q", "-d", "host=/run/it's dbname=pgbouncer", "-c", "RESUME", "-c",
                        "PAUSE",
                    ])
                ],
                [.local(["/opt/re route", "10.0.0.2", "5433"])],
                [
                    .local([
                        "psql", "-X", "-w", "-q", "-d", "host=/run/it's dbname=pgbouncer", "-c", "RELOAD", "-c",
                        "RESUME", "-c", "SHOW VERSION",
                    ])
                ],
            ])
        #expect(
            locals[0].undo == [
                .local([
                    "psql", "-X", "-w", "-q", "-d", "host=/run/it's dbname=pgbouncer", "-c", "RESUME", "-c",
                    "SHOW VERSION",
                ])
            ])
    }

    /// What the configuration wants after a role change, or a person for one run, is its last step.
    @Test(arguments: ["switchover", "promote", "failover", "complete-failover"])
    func roleChangesEndWithTheEstate(name: String) throws {
        let given = ["switchover": ["target": "nas-2"], "promote": ["target": "nas-2"]]
        let values = given[name] ?? ["target": "nas-2", "old": "nas-1"]
        func steps(_ more: [String: String] = [:], _ change: (inout Shop) -> Void = { _ in }) throws -> [PlannedStep] {
            var shop = try Shop()
            if name != "switchover" { shop.silence("nas-1") }
            change(&shop)
            return try shop.plan(name, values.merging(more) { $1 }).steps
        }
        #expect(try !steps().contains { $0.acts == [.estate] })
        #expect(throws: Failure.self) { try steps(["after": "estate"]) }
        #expect(throws: Failure.self) { try steps(["after": "party"]) { $0.facts.hasEstate = true } }
        let asked = try steps(["after": "estate"]) { $0.facts.hasEstate = true }
        let configured = try steps {
            $0.facts.hasEstate = true
            $0.facts.cluster.failover.after = .estate
        }
        for steps in [asked, configured] {
            #expect(steps.last?.acts == [.estate] && steps.last?.onFailure == .continue)
        }
    }

    /// Plans of a runbook, for all ways that it may take.
    static func plans(of name: String) throws -> [Plan] {
        switch name {
        case "switchover":
            let given = ["target": "nas-2"]
            var synchronous = try Shop()
            synchronous.set("synchronous_standby_names", "nas-2, nas-3", on: "nas-2")
            return [
                try Shop().plan(name, given), try synchronous.plan(name, given),
                try Shop().plan(name, ["target": "nas-3", "pgbouncer": "host=h", "reroute": "/bin/true"]),
            ]
        case "complete-failover":
            var lost = try Shop()
            lost.lose("nas-3")
            return [
                try Shop().plan(name, ["target": "nas-1", "old": "nas-3"]),
                try lost.plan(name, ["target": "nas-1", "old": "nas-3"]),
            ]
        case "failover":
            var down = try Shop()
            down.silence("nas-1")
            var lost = try Shop()
            lost.lose("nas-1")
            var cut = lost
            cut.facts.cluster.failover.fenceCommand = ["/opt/cut off", "--now"]
            let given = ["target": "nas-2", "old": "nas-1"]
            func accepting(_ more: [String: String] = [:]) -> [String: String] {
                given.merging(["accept_unfenced": "true"]) { $1 }.merging(more) { $1 }
            }
            return [
                try down.plan(name, ["target": "nas-3", "old": "nas-1"]),
                try lost.plan(name, accepting(["source": "nas-3"])), try cut.plan(name, given),
                try cut.plan(name, accepting()), try down.plan(name, accepting()),
            ]
        case "drill-snapshot":
            return [
                try Shop.toOpen().plan(name, ["node_to_open": "nas-2"]),
                try Shop.toOpen().plan(name, ["node_to_open": "nas-3", "open_for": "1h"].merging(Shop.checks) { $1 }),
            ]
        case "drill-clone":
            return [
                try Shop.toOpen().plan(name, ["node_to_copy": "nas-2"]),
                try Shop.toOpen().plan(name, ["node_to_copy": "nas-1"].merging(Shop.checks) { $1 }),
            ]
        case "promote":
            var down = try Shop()
            down.silence("nas-1")
            var lost = try Shop()
            lost.lose("nas-1")
            var cut = lost
            cut.facts.cluster.failover.fenceCommand = ["/opt/cut"]
            return [
                try cut.plan(name, ["target": "nas-2"]),
                try down.plan(name, ["target": "nas-3"]),
                try lost.plan(name, ["target": "nas-2", "accept_unfenced": "true"]),
                try Shop().plan(name, ["target": "nas-2", "old": "nas-1"]),
            ]
        case "rejoin":
            var streams = try Shop.toRejoin(.follow)
            streams.facts.rejoining["nas-1"]?.streams = true
            return try [.follow, .rewind, .rebuild].map { way in
                try Shop.toRejoin(way).plan(name, ["node_to_rejoin": "nas-1"])
            } + [streams.plan(name, ["node_to_rejoin": "nas-1"])]
        case "rebuild":
            return [
                try Shop().plan(name, ["node_to_rebuild": "nas-2"]),
                try Shop().plan(name, ["node_to_rebuild": "nas-3", "from": "nas-2"]),
            ]
        case "repoint": return [try Shop().plan(name, ["node_to_repoint": "nas-2", "upstream": "nas-3"])]
        default: return try Shop().facts.cluster.nodes.map { try Shop().plan(name, ["node_to_\(name)": $0.name]) }
        }
    }
}
