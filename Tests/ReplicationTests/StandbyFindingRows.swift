import Replication

extension FindingTests {
    private static let stopped = Change("field case 12: stopped days ago, all that was received is replayed") {
        $0.disconnect("dr")
        LagTests.delay(&$0, received: 3 << 30, replayed: 3 << 30, stamp: 259_200)
    }

    /// Both standbys receive from each other, and nobody from the primary.
    static let circle = Change("dr and replica receive from each other") {
        for (name, number) in [("dr", 2), ("replica", 3)] {
            $0.disconnect(name)
            $0.change(name) { own in
                own.receiver = Cluster.standby(name, number: number).receiver
                own.receiver?.senderHost = "10.0.0.\(5 - number)"
                own.receiver?.slotName = nil
                own.settings["primary_slot_name"] = ""
            }
        }
        $0.change("dr") { $0.standbys = [Cluster.row("replica", number: 3)] }
        $0.change("replica") { $0.standbys = [Cluster.row("dr", number: 2)] }
    }

    static let following: [FindingRow] = [
        FindingRow(
            "diverged_timeline", .critical, "dr",
            .divergedTimeline(
                timeline: Timeline(rawValue: 1), position: LSN(rawValue: AncestryTests.fork + 1),
                fork: LSN(rawValue: AncestryTests.fork)),
            Change("beyond the fork") {
                AncestryTests.onTen(&$0)
                AncestryTests.place(&$0, control: 1, received: 1, at: AncestryTests.fork + 1)
            },
            butNot: Change("before the fork") {
                AncestryTests.onTen(&$0)
                AncestryTests.place(&$0, control: 1, received: 1, at: AncestryTests.fork)
            }),
        FindingRow(
            "timeline_ahead", .critical, "dr",
            .timelineAhead(own: Timeline(rawValue: 2), primarys: Timeline(rawValue: 1)),
            Change("promoted later") { $0.change("dr") { $0.receiver?.receivedTimeline = Timeline(rawValue: 2) } },
            butNot: Change("the primary is there too") {
                $0.change("dr") { $0.receiver?.receivedTimeline = Timeline(rawValue: 2) }
                $0.change("primary") { $0.timeline = Timeline(rawValue: 2) }
            }),
        FindingRow(
            "timelines_not_comparable", .warning, "dr",
            .timelinesNotComparable(reason: "the history of timeline 10 could not be read"),
            Change("no history") {
                AncestryTests.onTen(&$0)
                AncestryTests.place(&$0, control: 1, received: 1, at: AncestryTests.fork)
                $0.observe("primary") { $0.histories = [] }
            },
            butNot: Change("its walreceiver is on the timeline") {
                AncestryTests.onTen(&$0)
                AncestryTests.place(&$0, control: 1, received: 10, at: AncestryTests.fork)
                $0.observe("primary") { $0.histories = [] }
            }),
        FindingRow(
            "not_streaming", .critical, "dr",
            .notStreaming(position: Cluster.behind(3 << 30), behind: 3 << 30, receiver: nil), stopped,
            butNot: Change("log shipping only") {
                stopped.apply(&$0)
                $0.change("dr") { $0.primaryConninfo = PrimaryConninfo(configured: false) }
            }),
        FindingRow(
            "not_streaming", .critical, "dr",
            .notStreaming(position: Cluster.position, behind: 0, receiver: "waiting"),
            Change("field case 33: its walreceiver waits, the primary has no row") {
                $0.change("primary") { $0.standbys.removeAll { $0.applicationName == "dr" } }
                $0.change("dr") { $0.receiver?.status = "waiting" }
            }, butNot: Change("catching up") { $0.changeRow(of: "dr") { $0.state = "catchup" } }),
        FindingRow(
            "not_streaming", .critical, "dr", .notStreaming(position: Cluster.position, behind: 0, receiver: nil),
            Change("the walsender hasn't noticed") { $0.change("dr") { $0.receiver = nil } },
            butNot: Change("hidden from the role") {
                $0.change("dr") { ($0.receiver, $0.monitor) = (nil, false) }
                $0.changeRow(of: "dr") { $0.state = nil }
            }),
        FindingRow(
            "not_streaming", .critical, "dr", .notStreaming(position: Cluster.position, behind: nil, receiver: nil),
            Change("two primaries that nothing tells apart") {
                $0.promote("replica", to: 1)
                $0.disconnect("dr")
            },
            butNot: Change("without a primary nobody can stream") {
                $0.disconnect("dr")
                $0.silence("primary")
            }),
        FindingRow(
            "wrong_upstream", .warning, "dr", .wrongUpstream(expected: "replica", actual: "primary"),
            Change("not where it was meant to be") { $0.observe("dr") { $0.expectedUpstream = "replica" } },
            butNot: Change("where it was meant to be") { $0.observe("dr") { $0.expectedUpstream = "primary" } }),
        FindingRow(
            "wrong_upstream", .critical, "dr", .wrongUpstream(expected: "replica", actual: "primary"), LagTests.stray,
            butNot: LagTests.faithful),
        FindingRow(
            "wrong_upstream", .critical, "dr", .wrongUpstream(expected: "replica", actual: "primary"),
            Change("it was meant to follow the primary that no longer counts") {
                LagTests.stray.apply(&$0)
                $0.observe("dr") { $0.expectedUpstream = "primary" }
            },
            butNot: Change("two primaries and nothing to choose by") {
                $0.promote("replica", to: 1)
                $0.change("replica") { $0.standbys = [Cluster.row("elsewhere", number: 9)] }
                $0.disconnect("dr")
            }),
        FindingRow(
            "wrong_upstream", .critical, "replica", .wrongUpstream(expected: "third", actual: "primary"),
            LagTests.strayCascade, butNot: LagTests.cascade),
        FindingRow(
            "unknown_upstream", .warning, "dr", .unknownUpstream(host: "192.0.2.9", port: 5432),
            Change("a server that isn't configured") {
                $0.change("primary") { $0.standbys.removeAll { $0.applicationName == "dr" } }
                $0.change("dr") { $0.receiver?.senderHost = "192.0.2.9" }
            },
            butNot: Change("another name for a server that has its row") {
                $0.change("dr") { $0.receiver?.senderHost = "192.0.2.9" }
            }),
        FindingRow(
            "upstream_cycle", .critical, nil, .upstreamCycle(["dr", "replica", "dr"]), circle,
            butNot: Change("a cascade", LagTests.cascade.apply)),
        FindingRow(
            "slot_missing", .critical, "dr", .slotMissing(slot: "dr", upstream: "primary"),
            Change("the slot it wants is gone") {
                $0.disconnect("dr")
                $0.change("primary") { $0.slots.removeAll { $0.slotName == "dr" } }
            },
            butNot: Change("the slot is on the upstream it is told to use") {
                $0.disconnect("dr")
                $0.change("primary") { $0.slots.removeAll { $0.slotName == "dr" } }
                $0.change("dr") { $0.primaryConninfo?.host = "10.0.0.3" }
                $0.change("replica") { $0.slots = [Cluster.slot("dr", number: 2)] }
            }),
        FindingRow(
            "slot_missing", .critical, "dr", .slotMissing(slot: "dr", upstream: "replica"),
            Change("the upstream it is configured for lacks the slot") {
                $0.disconnect("dr")
                $0.observe("dr") { $0.expectedUpstream = "replica" }
                $0.change("dr") { $0.primaryConninfo?.host = "a.name.that.is.not.configured" }
            }, butNot: setting("primary_slot_name", "", on: "dr")),
    ]

    private static func pause(_ cluster: inout Cluster, replayed: UInt64 = 1 << 30) {
        LagTests.delay(&cluster, replayed: replayed, stamp: 900)
        cluster.change("dr") { $0.replayPauseState = "paused" }
    }

    private static let target = RecoveryTargetSetting(
        name: "recovery_target_time", setting: "2026-03-01 12:00", file: "/srv/pg/postgresql.auto.conf")

    private static let connections = [ParameterDifference(name: "max_connections", standby: 100, primary: 200)]

    static let replay: [FindingRow] = [
        FindingRow(
            "replay_paused", .ok, "dr", .replayPaused(behind: 1 << 30), Change("paused") { pause(&$0) },
            butNot: Change("asked to pause") { $0.change("dr") { $0.replayPauseState = "pause requested" } }),
        FindingRow(
            "replay_paused_by_target", .warning, "dr", .replayPausedByTarget(target),
            Change("field case 30: a recovery target left in a file") {
                pause(&$0)
                $0.change("dr") { $0.recoveryTarget = [target] }
            }, butNot: Change("not reached") { $0.change("dr") { $0.recoveryTarget = [target] } }),
        FindingRow(
            "replay_paused_by_parameters", .critical, "dr", .replayPausedByParameters(connections),
            Change("field case 32: max_connections raised on the primary") {
                pause(&$0)
                $0.set("max_connections", "200", on: "primary")
                $0.set("max_connections", "300", on: "replica")
            },
            butNot: Change("paused with settings that are high enough") {
                pause(&$0)
                $0.set("max_connections", "300", on: "dr")
            }),
        FindingRow(
            "parameters_lower", .warning, "dr", .parametersLower(connections),
            Change("lower, and replay goes on") { $0.set("max_connections", "200", on: "primary") },
            butNot: Change("higher") { $0.set("max_connections", "50", on: "primary") }),
        FindingRow(
            "replay_waits_for_query", .warning, "dr", .replayWaitsForQuery(waitEvent: "RecoveryConflictSnapshot"),
            Change("a conflict") {
                LagTests.delay(&$0, replayed: 1 << 20)
                $0.change("dr") { $0.startupWait = "RecoveryConflictSnapshot" }
            },
            butNot: Change("waits for WAL") {
                LagTests.delay(&$0, replayed: 1 << 20)
                $0.change("dr") { $0.startupWait = "RecoveryWalStream" }
            }),
        FindingRow(
            "delayed_standby", .ok, "dr", .delayedStandby(seconds: 3600),
            setting("recovery_min_apply_delay", "3600000", on: "dr"), butNot: healthy),
        FindingRow(
            "lag_bytes", .warning, "dr", .lagBytes(17 << 20, limit: 16 << 20),
            Change("17 MB") { LagTests.delay(&$0, replayed: 17 << 20) },
            butNot: Change("16 MB, the limit itself") { LagTests.delay(&$0, replayed: 16 << 20) }),
        FindingRow(
            "lag_bytes", .critical, "dr", .lagBytes(257 << 20, limit: 256 << 20),
            Change("257 MB") { LagTests.delay(&$0, replayed: 257 << 20) },
            butNot: Change("a delayed standby that has received all") {
                LagTests.delay(&$0, replayed: 1 << 30)
                $0.set("recovery_min_apply_delay", "3600000", on: "dr")
            }),
        FindingRow(
            "lag_bytes", .critical, "dr", .lagBytes(1 << 30, limit: 256 << 20),
            Change("a delayed standby that hasn't received it") {
                LagTests.delay(&$0, received: 1 << 30, replayed: 1 << 30)
                $0.set("recovery_min_apply_delay", "3600000", on: "dr")
            }, butNot: Change("paused, within the limits") { pause(&$0, replayed: 1 << 20) }),
        FindingRow(
            "lag_bytes", .warning, "dr", .lagBytes(17 << 20, limit: 16 << 20),
            Change("log shipping that is more than a segment behind") { ship(&$0, behind: 17 << 20) },
            butNot: Change("a limit below a segment, and log shipping without the last one") {
                ship(&$0, behind: 16 << 20)
                $0.thresholds.lagBytes.warning = 1 << 20
            }),
        FindingRow(
            "lag_seconds", .warning, "dr", .lagSeconds(31, limit: 30, source: .primaryLag),
            Change("31 s") { late(&$0, by: 31) }, butNot: Change("30 s, the limit itself") { late(&$0, by: 30) }),
        FindingRow(
            "lag_seconds", .critical, "dr", .lagSeconds(301, limit: 300, source: .primaryLag),
            Change("301 s") { late(&$0, by: 301) },
            butNot: Change("idle for hours") { $0.change("dr") { $0.replayTimestamp = Cluster.ago(14_400) } }),
        FindingRow(
            "lag_seconds", .warning, "dr", .lagSeconds(31, limit: 30, source: .primaryLag),
            Change("critical is switched off") {
                late(&$0, by: 31)
                $0.thresholds.lagSeconds.critical = nil
            },
            butNot: Change("log shipping of an idle primary, without the last segment") { ship(&$0, behind: 3 << 20) }),
    ]

    private static func late(_ cluster: inout Cluster, by seconds: Double) {
        LagTests.delay(&cluster, replayed: 1 << 20, stamp: seconds)
        cluster.changeRow(of: "dr") { $0.replayLag = seconds }
    }

    private static func ship(_ cluster: inout Cluster, behind: UInt64) {
        cluster.disconnect("dr")
        LagTests.delay(&cluster, replayed: behind, stamp: 7200)
        cluster.change("dr") { own in
            own.receiveLSN = nil
            own.primaryConninfo = PrimaryConninfo(configured: false)
        }
    }
}
