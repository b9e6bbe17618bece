import Essentials
import Glibc
import Lab
import Replication
import RunbookEngine
import Testing

extension RealServers {
    /// What could make a second primary, or take the place of one that has commits of its own.
    @Suite(.timeLimit(.minutes(5)))
    struct SecondPrimaryTests {
        /// Makes a standby the primary behind a run's back.
        private func promoting(_ node: LabNode) -> StepHook { holding { try await node.promote() } }

        /// Nothing of the old primary is started, and whoever starts it gets a standby.
        private func expectHeld(_ node: LabNode, sourceLocation: Testing.SourceLocation = #_sourceLocation) throws {
            #expect(!node.isRunning, sourceLocation: sourceLocation)
            #expect(try node.dataFile("standby.signal") == "", sourceLocation: sourceLocation)
        }

        @Test func besideAnotherPrimaryNobodyIsPromotedNorReplaced() async throws {
            try await Stage.with { stage in
                let dr = try stage.lab.node("dr")
                let replica = try stage.lab.node("replica")
                try await dr.stop()
                let cascade = try await stage.refusal("rejoin", ["node_to_rejoin": "dr", "to": "replica"])
                #expect(cascade.contains("replica: is_primary is \"f\""), "\(cascade)")
                try await dr.start()
                _ = try await stage.look { $0.node("dr")?.state == "streaming" }

                try await replica.promote()
                try await replica.psql("CHECKPOINT")
                let unclear = try await stage.refusal("promote", ["target": "dr"])
                #expect(unclear.contains("more than one primary") && unclear.contains("--set old=NODE"), "\(unclear)")
                let second = try await stage.refusal("promote", ["target": "dr", "old": "primary"])
                #expect(second.contains("replica is a primary, and not the one that is given up"), "\(second)")

                // A former primary, running or not: what it has alone must be kept.
                let running = try await stage.refusal("rebuild", ["node_to_rebuild": "replica"])
                #expect(running.contains("replica is a primary"), "\(running)")
                try await replica.stop()
                for mode in [LabNode.StopMode.fast, .immediate] {
                    if mode == .immediate {
                        try await replica.start()
                        try await replica.stop(mode)
                    }
                    let former = try await stage.refusal("rebuild", ["node_to_rebuild": "replica"])
                    #expect(former.contains("it was a primary") && former.contains("\"rejoin\""), "\(former)")
                }
            }
        }

        /// A standby that was promoted once the old primary had stopped: neither the target nor the old one joins it.
        @Test func aPromotionDuringASwitchoverEndsIt() async throws {
            try await Stage.with { stage in
                let replica = try stage.lab.node("replica")
                let ending = try await stage.run(
                    "switchover", ["target": "dr"], onStart: ["promote": promoting(replica)])
                guard case .partWay(let failure) = ending.outcome else {
                    Issue.record("\(ending.outcome) \(ending.notes)")
                    return
                }
                #expect(failure.text.contains("replica is a primary"), "\(failure)")
                #expect(ending.notes.contains { $0.hasPrefix("promote refused") }, "\(ending.notes)")
                try expectHeld(stage.lab.primary)
                #expect(try await stage.lab.node("dr").psql("SELECT pg_is_in_recovery()") == "t")
                #expect(try await replica.psql("SELECT pg_is_in_recovery()") == "f")
            }
        }

        /// The same of a promotion: the fence stays.
        @Test func aPromotionDuringAPromotionEndsIt() async throws {
            try await Stage.with { stage in
                let replica = try stage.lab.node("replica")
                let ending = try await stage.run("promote", ["target": "dr"], onStart: ["promote": promoting(replica)])
                guard case .partWay(let failure) = ending.outcome else {
                    Issue.record("\(ending.outcome) \(ending.notes)")
                    return
                }
                #expect(failure.text.contains("replica is a primary"), "\(failure)")
                try expectHeld(stage.lab.primary)
                #expect(try await stage.lab.node("dr").psql("SELECT pg_is_in_recovery()") == "t")
                #expect(try await replica.psql("SELECT pg_is_in_recovery()") == "f")
            }
        }

        /// What an earlier run fenced stays so, whatever becomes of a later one.
        @Test func anEarlierFenceOutlivesAPromotionThatFails() async throws {
            try await Stage.with { stage in
                let dr = try stage.lab.node("dr")
                let fenced = try await stage.run("fence", ["node_to_fence": "primary"])
                #expect(fenced.outcome == .done(failed: []), "\(fenced.notes)")
                let ending = try await stage.run(
                    "promote", ["target": "dr", "old": "primary"],
                    onStart: ["positions": holding { try await dr.kill() }])
                #expect(ending.undoneFor != nil, "\(ending.outcome) \(ending.notes)")
                try expectHeld(stage.lab.primary)
                #expect(try stage.lab.primary.dataFile("pgdr.fence").hasPrefix("primary"))
            }
        }

        /// A copy takes hours; what was promoted meanwhile is not stopped for it.
        @Test func aStandbyThatIsPromotedWhileItIsCopiedIsLeftAlone() async throws {
            try await Stage.with(standbys: 1) { stage in
                let dr = try stage.lab.node("dr")
                let primary = stage.lab.primary
                let ending = try await stage.run(
                    "rebuild", ["node_to_rebuild": "dr"],
                    onStart: [
                        "stop": holding {
                            try await primary.stop()
                            try await dr.promote()
                        }
                    ])
                #expect(ending.undoneFor != nil, "\(ending.outcome) \(ending.notes)")
                #expect(ending.notes.contains { $0.hasPrefix("stop refused") }, "\(ending.notes)")
                #expect(try await dr.psql("SELECT pg_is_in_recovery()") == "f")
                #expect(try dr.leftovers() == [])
            }
        }

        /// A server that has no room for a word is fenced by a mark that needs none.
        @Test(.enabled(if: geteuid() == 0, "only root can give a node a disk of its own"))
        func aPrimaryWithAFullDiskIsFenced() async throws {
            var options = LabOptions(directory: Lab.temporaryDirectory(), standbys: 1)
            options.smallDisks = ["primary": 200 << 20]
            try await Lab.with(options) { lab in
                let stage = try Stage(lab)
                try lab.primary.fillDisk(leaving: 0)
                let ending = try await stage.run("promote", ["target": "dr"])
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                try expectHeld(lab.primary)
                try await stage.expectStreaming(primary: "dr", timeline: 2, upstreams: [:])
            }
        }

        /// Who is configured as the primary says nothing of who was it last.
        @Test func theOneThatTheTargetFollowedIsGivenUp() async throws {
            try await Stage.with { stage in
                let dr = try stage.lab.node("dr")
                let replica = try stage.lab.node("replica")
                let moved = try await stage.run("switchover", ["target": "dr"])
                #expect(moved.outcome == .done(failed: []), "\(moved.notes)")
                try await dr.kill()
                try await stage.lab.primary.kill()
                let conninfo = try await replica.psql("SHOW primary_conninfo")
                try await replica.setParameter("primary_conninfo", "")
                try await stage.awaitThat("replica names nobody") {
                    try await replica.psql("SHOW primary_conninfo") == ""
                }
                let values = ["target": "replica", "accept_silent": "true"]
                let unclear = try await stage.refusal("promote", values)
                #expect(unclear.contains("which primary is given up is not clear"), "\(unclear)")
                #expect(unclear.contains("--set old=NODE"), "\(unclear)")
                try await replica.setParameter("primary_conninfo", conninfo)
                try await stage.awaitThat("replica names dr again") {
                    try await replica.psql("SHOW primary_conninfo") == conninfo
                }
                let ending = try await stage.run("promote", values)
                #expect(ending.outcome == .done(failed: []), "\(ending.notes)")
                #expect(ending.plan.answers["old_primary"] == "dr")
                #expect(throws: Never.self) { try dr.dataFile("pgdr.fence") }
                #expect(throws: (any Error).self) { try stage.lab.primary.dataFile("pgdr.fence") }
            }
        }

        /// A standby on the timeline before lacks what was written since, whatever its position.
        @Test func aStandbyOfTheTimelineBeforeIsPassedOver() async throws {
            try await Stage.with { stage in
                let primary = stage.lab.primary
                let dr = try stage.lab.node("dr")
                let replica = try stage.lab.node("replica")
                try await replica.stop()
                // On its old timeline dr gets further than the new one ever does.
                try await stage.write(rows: 5000)
                _ = try await stage.look { $0.node("dr")?.lag?.replay.bytes == 0 }
                try await dr.setParameter("primary_conninfo", "")
                try await primary.stop()
                try await replica.start()
                try await replica.promote()
                let values = ["node_to_rejoin": "primary", "rebuild": "true"]
                let back = try await stage.run("rejoin", values)
                #expect(back.outcome == .done(failed: []), "\(back.notes)")
                try await replica.kill()
                let reasons = try await stage.refusal("promote", ["target": "dr", "accept_loss": "1GB"])
                #expect(reasons.contains("primary is on timeline 2, dr only on 1"), "\(reasons)")
            }
        }
    }
}
