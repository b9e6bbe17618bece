import Configuration
import Essentials
import Hosts
import Lab
import Postgres
import Replication
import Testing

extension RealServers {
    /// What `pgdr check` learns from the hosts.
    @Suite(.timeLimit(.minutes(5)))
    struct HostSurveyTests {
        private func conditions(_ cluster: ClusterConfiguration) async -> [String: PromotionCheck.Condition] {
            let survey = await HostSurvey.take(of: cluster, candidates: ["dr"], timeout: .seconds(30))
            return Dictionary(uniqueKeysWithValues: survey.conditions(of: "dr").map { ($0.code, $0) })
        }

        @Test func loginsAreReallyTried() async throws {
            try await Stage.with { stage in
                let before = await conditions(stage.cluster)
                #expect(before["real_logins"]?.severity == .ok && before["certificate"] == nil)
                #expect(before["real_logins"]?.evidence == "tried from primary, replica")
                #expect(before["host"]?.severity == .ok && before["other_hosts"]?.evidence == "primary, replica")

                let dr = try stage.lab.node("dr")
                try await dr.prependHBA("host replication all all reject")
                let refused = try await eventually(\.["real_logins"]?.severity, is: .critical) {
                    await conditions(stage.cluster)
                }
                let evidence = refused["real_logins"]?.evidence ?? ""
                #expect(evidence.contains("primary: psql: ") && evidence.contains("rejects replication connection"))
                var cluster = stage.cluster
                cluster.replication = nil
                #expect(await conditions(cluster)["real_logins"]?.severity == .unknown)
            }
        }

        @Test(arguments: [(60, Severity.ok), (5, .warning)])
        func certificatesAreLookedAt(days: Int, severity: Severity) async throws {
            try await Stage.with(standbys: 1) { stage in
                let dr = try stage.lab.node("dr")
                let host = try Host(stage, "dr")
                let script = """
                    cd "$1" && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days "$2" \
                    -subj /CN=lab -keyout server.key -out server.crt && chmod 600 server.key && echo ssl=on >>postgresql.auto.conf
                    """
                try await host.succeed([HostCommand(["sh", "-c", script, "x", dr.dataDirectory, String(days)])])
                try await dr.reload()
                let certificate = await conditions(stage.cluster)["certificate"]
                #expect(certificate?.severity == severity, "\(certificate as Any)")
            }
        }
    }
}

/// Asks again until a part of the answer is as wanted, or for ten seconds.
private func eventually<Value, Part: Equatable>(
    _ part: KeyPath<Value, Part>, is wanted: Part, _ body: () async -> Value
) async throws -> Value {
    let deadline = Deadline.after(.seconds(10))
    while true {
        let value = await body()
        if value[keyPath: part] == wanted || deadline.hasPassed { return value }
        _ = await ReadinessLoop.shared.sleep(until: .after(.milliseconds(100)))
    }
}
