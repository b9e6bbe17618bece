import Configuration
import Essentials
import Hosts
import Replication
import Testing

@testable import RunbookEngine

/// Whether a standby can be done without, and whether the primary can keep its WAL for it.
struct SpareTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var expected: String?
        var change: @Sendable (inout Shop) -> Void

        init(_ title: String, _ expected: String?, _ change: @escaping @Sendable (inout Shop) -> Void) {
            (testDescription, self.expected, self.change) = (title, expected, change)
        }
    }

    @Test(arguments: [
        Row("another one covers", nil) { _ in },
        Row("nobody covers", "no other standby") { $0.silence("nas-3") },
        Row("a backup covers nothing", "no other standby") { $0.facts.cluster.nodes[2].kind = .backup },
        Row("nor one that is never promoted", "no other standby") { $0.facts.cluster.nodes[2].priority = 0 },
        Row("nor a delayed one", "no other standby") { $0.set("recovery_min_apply_delay", "60000", on: "nas-3") },
        Row("nor one that stops somewhere", "no other standby") { shop in
            shop.change("nas-3") {
                $0.recoveryTarget = [RecoveryTargetSetting(name: "recovery_target_name", setting: "x", file: nil)]
            }
        },
        Row("nor one that doesn't stream", "no other standby") { shop in shop.change("nas-3") { $0.receiver = nil } },
        Row("it is delayed itself", "without its delay") { $0.set("recovery_min_apply_delay", "1000", on: "nas-2") },
        Row("it is the primary", "no standby that answers") { $0.promote("nas-2") },
        Row("somebody unknown follows it", "pg_receivewal gets its WAL from nas-2") { shop in
            shop.change("nas-2") {
                $0.standbys = [WALSenderRow(pid: 9, applicationName: "pg_receivewal", state: "streaming")]
            }
        },
        Row("a slot that a rewind removes", "logical replication slots, which pg_rewind removes: out") { shop in
            shop.change("nas-2") { $0.slots = [SlotRow(slotName: "out", slotType: "logical", active: false)] }
        },
        Row("a slot that comes by itself", nil) { shop in
            shop.change("nas-2") {
                var slot = SlotRow(slotName: "copy", slotType: "logical", active: false)
                slot.synced = true
                $0.slots = [slot, SlotRow(slotName: "idle", active: false)]
            }
        },
        Row("commits wait for another one too", nil) { $0.set("synchronous_standby_names", "ANY 1 (*)", on: "nas-1") },
        Row("commits don't wait for it", nil) { $0.set("synchronous_standby_names", "\"nas-3\"", on: "nas-1") },
        Row("commits wait for both", "only 1 of 2 standbys stream") {
            $0.set("synchronous_standby_names", "FIRST 2 (*)", on: "nas-1")
        },
        Row("whom commits wait for is unclear", "could not be read") {
            $0.set("synchronous_standby_names", "FIRST (", on: "nas-1")
        },
        Row("whom commits wait for is hidden", "is not known") { shop in
            shop.change("nas-1") { $0.settings["synchronous_standby_names"] = nil }
        },
    ]) func isDoneWithout(row: Row) throws {
        var shop = try Shop()
        row.change(&shop)
        let spare = Spare("nas-2", beside: "nas-1", in: shop.facts.cluster, shop.facts.snapshot)
        let result = spare.result(acceptsUncovered: false)
        #expect(result.holds == (row.expected == nil), "\(result.evidence)")
        #expect(result.evidence.contains(row.expected ?? "nas-3 covers production"), "\(result.evidence)")
        // Only that nobody covers can be accepted.
        let isAccepted = row.expected.map { $0 == "no other standby" } ?? true
        #expect(spare.result(acceptsUncovered: true).holds == isAccepted)
    }

    struct Retention: Sendable {
        var rate: Double
        var seconds: Double
        var limit: UInt64?
        var free: UInt64
        var refusal: String?
    }

    @Test(arguments: [
        Retention(rate: 1_048_576, seconds: 600, limit: nil, free: 1200 << 20),
        Retention(
            rate: 1_048_576, seconds: 600, limit: nil, free: (1200 << 20) - 1, refusal: "1199 MB are free where"),
        Retention(rate: 1_048_576, seconds: 600, limit: 1200 << 20, free: 1 << 40),
        Retention(
            rate: 1_048_576, seconds: 600, limit: 1199 << 20, free: 1 << 40,
            refusal: "600 s away at 1024 kB/s of WAL, twice over, are 1200 MB, and max_slot_wal_keep_size allows 1199"),
        // Whatever is written, a few segments are kept.
        Retention(rate: 0, seconds: 600, limit: 64 << 20, free: 64 << 20),
        Retention(rate: 0, seconds: 600, limit: 63 << 20, free: 1 << 40, refusal: "allows 63 MB"),
        Retention(rate: 1e12, seconds: 1e9, limit: nil, free: 1 << 62, refusal: "are free where"),
    ]) func isKept(row: Retention) {
        let result = WALRetention(rate: row.rate, seconds: row.seconds, limit: row.limit, free: row.free).result
        #expect(result.holds == (row.refusal == nil), "\(result.evidence)")
        #expect(result.evidence.contains(row.refusal ?? "MB are free"), "\(result.evidence)")
    }

    @Test(arguments: [
        ("", nil), ("pg_stat_statements, auto_explain", nil), ("pg_cron", ""),
        ("pg_stat_statements, \"$libdir/pg_cron\" ,auto_explain", "pg_stat_statements,auto_explain"),
        ("pg_cron_helper", nil),
    ]) func librariesAreLeftOut(preloaded: String, kept: String?) {
        #expect(PlanningFacts.remaining(preloaded, without: ["pg_cron", "spock"]) == kept)
    }

    /// What keeps it apart stands on its command line, whatever the node is like.
    @Test(arguments: ["14", "17"]) func nothingReachesIt(version: String) throws {
        var shop = try Shop()
        shop.facts.hosts["nas-2"]?.dataDirectory?.majorVersion = version
        shop.facts.hosts["nas-2"]?.programs?.versions["postgres"] = "\(version).1"
        shop.facts.hosts["nas-2"]?.dataDirectory?.startWords = ["postgres", "-D", "x", "-c", "config_file=/etc/a b"]
        shop.set("shared_preload_libraries", "pg_cron,auto_explain", on: "nas-2")
        for data in [ApartData.own, .copy] {
            let all = try shop.facts.apartSettings(of: "nas-2", on: data, without: ["pg_cron"])
            let settings = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.value) })
            for name in [
                "listen_addresses", "primary_conninfo", "primary_slot_name", "restore_command", "external_pid_file",
                "synchronous_standby_names", "recovery_end_command", "archive_cleanup_command", "recovery_target_time",
            ] { #expect(settings[name] == "", "\(name)") }
            #expect(settings["archive_mode"] == "off" && settings["max_logical_replication_workers"] == "0")
            #expect(settings["unix_socket_directories"] == "/tmp/pgdr-\(Shop.run)")
            #expect(settings["config_file"] == "/etc/a b")
            #expect(settings["shared_preload_libraries"] == "auto_explain")
            let copy = "\(Shop.directory).pgdr-\(Shop.run)-new"
            #expect(settings["data_directory"] == (data == .own ? Shop.directory : copy))
            #expect((settings["shared_buffers"] != nil) == (data == .copy))
            // What pg_rewind needs fills no disk beside production's data.
            #expect(settings["wal_keep_size"] == (data == .own ? "1TB" : "0"))
            #expect((settings["promote_trigger_file"] != nil) == (version == "14"))
            #expect((settings["stats_temp_directory"] != nil) == (version == "14"))
            #expect((settings["sync_replication_slots"] != nil) == (version == "17"))
        }
    }

    @Test func aContainersServerNeedsItsContainer() throws {
        var shop = try Shop()
        shop.facts.superusers["nas-2"] = "postgres"
        guard case .known(false, let hidden) = try shop.facts.canStartApart("nas-2", on: .own) else {
            Issue.record("libraries that nobody knows of are let through")
            return
        }
        #expect(hidden.contains("which libraries it preloads"))
        shop.set("shared_preload_libraries", "", on: "nas-2")
        guard case .known(true, _) = try shop.facts.canStartApart("nas-2", on: .own) else {
            Issue.record("refused")
            return
        }
        shop.facts.cluster.nodes[1].service = .container(runtime: .podman, name: "pg", binDirectory: "/opt/pg 15/bin")
        // Of which nothing is known.
        #expect(throws: Failure.self) { try shop.facts.canStartApart("nas-2", on: .own) }
    }
}
