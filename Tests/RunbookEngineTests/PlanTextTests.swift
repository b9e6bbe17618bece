import Essentials
import Audit
import Configuration
import Replication
import Testing

@testable import RunbookEngine
@testable import pgdr

/// What `--plan` shows of the built-in runbooks: all that would be sent and run, but for the texts of pgdr's own
/// scripts, which never change.
struct PlanTextTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var golden: String
        var plan: @Sendable () throws -> Plan

        init(_ name: String, _ golden: String, _ plan: @escaping @Sendable () throws -> Plan) {
            testDescription = name
            self.golden = golden
            self.plan = plan
        }
    }

    @Test(arguments: [
        Row("switchover", GoldenPlan.switchover) {
            var shop = try Shop()
            shop.set("synchronous_standby_names", "FIRST 1 (\"dr's \"\"two\"\"; $(reboot)\\\", \"nas-3\")", on: "nas-2")
            return try shop.plan("switchover", ["target": "nas-2", "stop_timeout": "90s"])
        },
        Row("failover", GoldenPlan.failover) {
            var shop = try Shop()
            shop.lose("nas-1")
            shop.facts.hosts["nas-3"] = nil
            shop.facts.hostProblems["nas-3"] = Failure(.timeout, "no answer", node: "nas-3")
            let ssh = SSHAddress(host: "10.0.0.9")
            shop.facts.cluster.witnesses = [
                WitnessConfiguration(name: "third", ssh: ssh),
                WitnessConfiguration(name: "fourth", ssh: ssh, decisions: "/srv/it's"),
            ]
            shop.facts.cluster.failover.fenceCommand = ["/opt/cut off", "--node=$(nas-1)"]
            shop.facts.cluster.failover.routes = [["/opt/lead", "$(clients)"], ["/opt/lead them"]]
            shop.facts.cluster.failover.notify = [["/opt/tell", "it's"]]
            shop.facts.observer = "here"
            return try shop.plan(
                "failover",
                [
                    "target": "nas-2", "old": "nas-1", "source": "nas-3", "trigger": "alert \"it's\" $(7)",
                    "automatic": "true", "loss": "{\"commits\": 0}",
                ])
        },
        Row("promote", GoldenPlan.promote) {
            var shop = try Shop()
            shop.silence("nas-1")
            return try shop.plan("promote", ["target": "nas-3", "accept_loss": "1kB"])
        },
        Row("promote, unfenced", GoldenPlan.promoteUnfenced) {
            var shop = try Shop()
            shop.lose("nas-1")
            return try shop.plan("promote", ["target": "nas-2", "accept_unfenced": "true"])
        },
        Row("rejoin by following", GoldenPlan.rejoinFollow) {
            try Shop.toRejoin(.follow).plan("rejoin", ["node_to_rejoin": "nas-1"])
        },
        Row("rejoin by rewinding", GoldenPlan.rejoinRewind) {
            try Shop.toRejoin(.rewind).plan("rejoin", ["node_to_rejoin": "nas-1"])
        },
        Row("rejoin by rebuilding", GoldenPlan.rejoinRebuild) {
            try Shop.toRejoin(.rebuild).plan("rejoin", ["node_to_rejoin": "nas-1"])
        },
        Row("rebuild", GoldenPlan.rebuild) {
            var shop = try Shop()
            shop.facts.tablespaces["nas-3"] = ["/srv/ts one=1", "/srv/it's"]
            return try shop.plan("rebuild", ["node_to_rebuild": "nas-2", "from": "nas-3"])
        },
        Row("repoint", GoldenPlan.repoint) {
            try Shop().plan("repoint", ["node_to_repoint": "nas-2", "upstream": "nas-3"])
        },
        Row("fence", GoldenPlan.fence) { try Shop().plan("fence", ["node_to_fence": "nas-2"]) },
        Row("unfence", GoldenPlan.unfence) { try Shop().plan("unfence", ["node_to_unfence": "nas-3"]) },
    ])
    func shows(_ row: Row) throws {
        let text = PlanText(style: Style(hasColours: false)).text(try row.plan().withoutScripts)
        #expect(text.split(separator: "\n") == row.golden.split(separator: "\n"), "\(text)")
    }
}

extension Shop {
    /// The old primary `nas-1` is down, `nas-2` was promoted.
    static func toRejoin(_ way: Way) throws -> Shop {
        var shop = try Shop()
        shop.silence("nas-1")
        shop.promote("nas-2")
        shop.facts.rejoining["nas-1"] = RejoinFacts(
            primarySystem: system, system: system, timeline: Timeline(rawValue: 1),
            endOfWAL: way == .follow ? LSN(rawValue: 0x1_FFFF_FF00) : LSN(rawValue: 0x2_0100_0000),
            wasShutDown: true, streams: false, primaryTimeline: Timeline(rawValue: 2),
            primaryHistory: TimelineHistory(
                timeline: Timeline(rawValue: 2),
                ancestors: [.init(timeline: Timeline(rawValue: 1), switchPoint: position)]),
            canTellPages: way != .rebuild, hasRewind: true, hasRestoreCommand: true, segmentSize: 16 << 20)
        return shop
    }

    /// How it comes back.
    enum Way { case follow, rewind, rebuild }
}

extension Plan {
    /// The plan with each of pgdr's own scripts replaced by its name.
    fileprivate var withoutScripts: Plan {
        get throws { try #require(Plan(auditValue: try auditValue.withoutScripts)) }
    }
}

extension AuditValue {
    fileprivate var withoutScripts: AuditValue {
        switch self {
        case .list(let list):
            var list = list.map(\.withoutScripts)
            for index in list.indices.dropFirst(3) {
                guard let name = list[index].text, name.hasPrefix("pgdr-"), list[index - 2] == "-c" else { continue }
                list[index - 1] = .text("\(name.dropFirst(5)).sh")
            }
            return .list(list)
        case .object(let object): return .object(object.mapValues(\.withoutScripts))
        default: return self
        }
    }
}
