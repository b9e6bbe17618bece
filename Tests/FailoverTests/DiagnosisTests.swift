import Failover
import Replication
import Testing

/// What the views from several places come to.
@Suite struct DiagnosisTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var views: [View]
        var host: HostSight = .notAsked
        var wanted: PrimaryCondition
    }

    private static func views(_ observer: Sight, _ dr: Sight? = nil, _ replica: Sight? = nil, _ witness: Sight? = nil)
        -> [View]
    {
        [
            View(.observer, observer), dr.map { View(.standby("dr"), $0) },
            replica.map { View(.standby("replica"), $0) },
            witness.map { View(.witness("w"), $0) },
        ].compactMap(\.self)
    }

    static let rows = [
        Row(testDescription: "all is well", views: views(.writable, .sending, .sending), wanted: .alive),
        Row(testDescription: "turned into a standby", views: views(.inRecovery, .blind), wanted: .notPrimary),
        Row(testDescription: "lets us not in", views: views(.answering, .refused, .refused), wanted: .refusesUs),
        Row(
            testDescription: "no connection left", views: views(.full, .unreachable, .unreachable), wanted: .overloaded),
        Row(testDescription: "recovers from a crash", views: views(.startingUp, .refused), wanted: .startingUp),
        Row(testDescription: "on its way down", views: views(.shuttingDown, .unreachable), wanted: .shuttingDown),
        Row(
            testDescription: "killed, its host says so", views: views(.refused, .unreachable, .unreachable),
            host: .stopped, wanted: .postgresDown),
        Row(
            testDescription: "killed, and only its host can say so", views: views(.refused, .blind, .blind),
            host: .stopped, wanted: .postgresDown),
        Row(
            testDescription: "killed, its host can't be asked", views: views(.refused, .refused, .refused),
            host: .notAsked, wanted: .postgresDown),
        Row(
            testDescription: "SIGSTOP: the kernel takes connections", views: views(.hung, .hung, .hung),
            host: .running, wanted: .hung),
        Row(
            testDescription: "hung, and its host too", views: views(.hung, .hung), host: .silent, wanted: .hung),
        Row(
            testDescription: "a postmaster that listens no more", views: views(.refused, .refused), host: .running,
            wanted: .hung),
        Row(
            testDescription: "host gone", views: views(.unreachable, .unreachable, .unreachable, .unreachable),
            host: .silent, wanted: .hostUnreachable),
        Row(
            testDescription: "only the observer is cut off", views: views(.unreachable, .sending, .sending),
            host: .silent, wanted: .unreachableFromUs),
        Row(
            testDescription: "one standby still gets WAL", views: views(.unreachable, .unreachable, .sending),
            host: .silent, wanted: .unreachableFromUs),
        Row(
            testDescription: "the witness sees a postmaster",
            views: views(.unreachable, .unreachable, .unreachable, .answering), host: .silent,
            wanted: .unreachableFromUs),
        Row(
            testDescription: "only the witness is cut off", views: views(.writable, .sending, .sending, .unreachable),
            wanted: .alive),
        Row(
            testDescription: "nobody else can look", views: views(.unreachable, .blind, .blind), host: .silent,
            wanted: .notTold),
        Row(testDescription: "nobody else is there", views: views(.refused), host: .notAsked, wanted: .notTold),
        Row(
            testDescription: "the observer itself can't look", views: views(.blind, .unreachable, .unreachable),
            host: .silent, wanted: .hostUnreachable),
        Row(testDescription: "nobody can look", views: views(.blind, .blind, .blind), wanted: .notTold),
    ]

    @Test(arguments: rows) func condition(_ row: Row) {
        let evidence = Evidence(
            cluster: "main", at: Moment(rawValue: 0), ticks: 0, primary: "primary", views: row.views, host: row.host)
        #expect(evidence.diagnose().condition == row.wanted)
    }

    @Test func aPrimaryWithoutReceivers() throws {
        var standby = try Scene.standby("dr", at: "0/5000000")
        let views = [View(.observer, .writable), View(.standby("dr"), .blind)]
        var evidence = Evidence(
            cluster: "main", at: Moment(rawValue: 0), ticks: 0, primary: "primary", views: views, standbys: [standby])
        #expect(evidence.diagnose().condition == .replicationBroken)
        standby.isReceiving = true
        evidence.standbys = [standby]
        #expect(evidence.diagnose().condition == .alive)
        evidence.standbys = [Scene.silent("dr")]
        #expect(evidence.diagnose().condition == .alive)
    }

    /// Any proof of life outweighs whatever the others see, and is never called a loss.
    @Test(arguments: Sight.allCases.filter(\.provesLife), Sight.allCases)
    func oneProofOfLifeIsAVeto(_ life: Sight, _ other: Sight) {
        for host in [HostSight.stopped, .running, .answers, .silent, .notAsked] {
            for views in [
                [View(.observer, other), View(.standby("dr"), life), View(.witness("w"), other)],
                [View(.observer, life), View(.standby("dr"), other), View(.witness("w"), other)],
            ] {
                let evidence = Evidence(
                    cluster: "main", at: Moment(rawValue: 0), ticks: 0, primary: "primary", views: views, host: host)
                #expect(!evidence.diagnose().condition.isLost)
            }
        }
    }
}
