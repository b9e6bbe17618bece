import Configuration
import Drills
import Essentials
import Failover
import Foundation
import Lab
import RunbookEngine
import Synchronization
import Testing

extension RealServers {
    /// The watch that acts by itself, on real servers.
    @Suite(.timeLimit(.minutes(5)))
    struct WatchTests {
        /// It fails over by itself, once; what it may not do then people are told, once.
        @Test func aLostPrimaryIsReplacedAndAnotherOneIsNot() async throws {
            try await Stage.with { stage in
                let heard = HookFiles(stage)
                try await stage.watching(heard) { stage, watched in
                    let (_, record) = try await stage.underLoad {
                        try await stage.lab.primary.kill()
                        try await stage.awaitThat("a run has ended") { watched.outcomes.count == 1 }
                    }
                    #expect(watched.outcomes == [.done(failed: [])])
                    print("watch: write gap \(try #require(record.longestGap).length)")
                    let done = try heard.events("news")
                    #expect(done.map(\.event) == ["failover_done"])
                    let promoted = try #require(done.first?.primary.node)
                    let lost = try await stage.lost(record, on: promoted)
                    #expect(lost.count < 20)

                    let back = try await stage.run("rejoin", ["node_to_rejoin": "primary"])
                    #expect(back.outcome == .done(failed: []), "\(back.notes)")
                    await pause(.milliseconds(500))
                    try await stage.lab.node(promoted).kill()
                    try await stage.awaitThat("people are told") { try heard.events("news").count == 2 }
                    await pause(.seconds(1))
                    let news = try heard.events("news")
                    #expect(news.map(\.event) == ["failover_done", "failover_refused"])
                    #expect(news.last?.primary.node == promoted)
                    #expect(news.last?.reasons?.map(\.reason) == ["cooldown"], "\(news)")
                    #expect(watched.outcomes.count == 1)
                }
            }
        }

        /// A server that is down on a host that is up is started again where the policy says so, also right after it was
        /// killed, when what is left of it still keeps others from starting.
        @Test func aKilledServerIsStartedAgainFirst() async throws {
            try await Stage.with { stage in
                var stage = stage
                stage.cluster.failover.restartFirst = true
                let heard = HookFiles(stage)
                try await stage.watching(heard) { stage, watched in
                    try await stage.lab.primary.kill()
                    try await stage.awaitThat("a run has ended") { watched.outcomes.count == 1 }
                    #expect(watched.outcomes == [.done(failed: [])])
                    for (name, isStandby) in [("primary", "f"), ("dr", "t"), ("replica", "t")] {
                        #expect(try await stage.lab.node(name).psql("SELECT pg_is_in_recovery()") == isStandby)
                    }
                }
            }
        }

        /// What fails again and again is tried again, and told once.
        @Test func whatFailsIsToldOnce() async throws {
            try await Stage.with { stage in
                var stage = stage
                stage.cluster.failover.fenceCommand = ["/bin/sh", "-c", "echo no power switch here >&2; exit 3"]
                let heard = HookFiles(stage)
                try await stage.watching(heard) { stage, watched in
                    try await stage.lab.primary.killSSH()
                    try await stage.lab.primary.kill()
                    try await stage.awaitThat("two runs have ended") { watched.outcomes.count > 1 }
                    #expect(watched.outcomes.allSatisfy { $0.failure != nil })
                    let news = try heard.events("news")
                    #expect(news.map(\.event) == ["failover_failed"])
                    #expect(news.first?.reasons?.first?.detail.contains("no power switch here") == true, "\(news)")
                    #expect(news.first?.run != nil && news.first?.primary.node == "primary")
                }
            }
        }
    }
}

/// What a watch told.
private final class Watched: Sendable {
    private let events = Mutex<[Watch.Event]>([])

    func note(_ event: Watch.Event) { events.withLock { $0.append(event) } }

    /// How its runs ended.
    var outcomes: [RunOutcome] {
        events.withLock { $0 }.compactMap { if case .ended(_, let outcome) = $0 { outcome } else { nil } }
    }

    /// Whether it has seen a primary.
    var hasBegun: Bool {
        events.withLock { $0 }.contains {
            if case .condition(_, let diagnosis) = $0 { diagnosis.condition == .alive } else { false }
        }
    }
}

extension Stage {
    /// Runs `body` while an automatic watch looks at the cluster, from when it has seen the primary.
    fileprivate func watching(
        _ heard: HookFiles, _ body: (Stage, Watched) async throws -> Void
    ) async throws {
        var stage = self
        stage.cluster.failover.mode = .automatic
        stage.cluster.failover.confirmFor = .zero
        stage.cluster.failover.interval = .milliseconds(100)
        stage.cluster.failover.notify = [heard.append("news")]
        let desk = try FailoverDesk(stage.cluster, of: ConfigurationFile.load(path: lab.configurationFile))
        let watched = Watched()
        let watch = Watch(desk, told: { watched.note($0) }, ran: { _ in })
        let stageOfBody = stage
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await watch.run() }
            defer { group.cancelAll() }
            try await awaitThat("it has seen the primary") { watched.hasBegun }
            try await body(stageOfBody, watched)
        }
    }
}
