import Essentials
import Glibc
import Lab
import Testing

extension RealServers {
    /// Nodes on machines of their own, with systemd.
    @Suite(.serialized) struct MachineTests {
        private func with(
            _ machine: LabMachine, bin: String? = nil, _ body: (Lab, LabNode) async throws -> Void
        ) async throws {
            var options = LabOptions(directory: Lab.temporaryDirectory(), standbys: 1, postgresBin: bin)
            options.drMachine = machine
            guard geteuid() == 0 else {
                return await expectFailure("only root can run") { [options] in _ = try await Lab.up(options) }
            }
            try await Lab.with(options) { lab in try await body(lab, lab.node("dr")) }
            let left = try processes(naming: options.directory)
            #expect(left == [], "\(left)")
            #expect(!exists(options.directory))
        }

        private func verbsWork(_ lab: Lab, _ dr: LabNode) async throws {
            #expect(lab.status()[1].sshdPID != nil)
            let unit = try #require(dr.unit)
            #expect(try await ssh(dr, "systemctl is-active \(unit)") == "active\n")
            try await dr.stop()
            #expect(lab.status()[1].pid == nil)
            try await dr.start()
            try await dr.stop(.immediate)
            #expect(lab.status()[1].pid == nil)
            try await dr.start()
            try await lab.awaitStreaming(.after(.seconds(20)))
            try await ssh(dr, "systemctl stop \(unit)")
            #expect(lab.status()[1].pid == nil)
            try await ssh(dr, "systemctl start \(unit)")
            try await dr.prependHBA("host all nobody all reject")
            let rules = "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'reject';"
            try await awaitAnswer("1", to: rules, on: dr)
            try await lab.primary.stop()
            try await dr.promote()
            try await lab.primary.follow(dr)
            try await lab.primary.start()
            try await awaitAnswer("primary", to: "SELECT application_name FROM pg_stat_replication", on: dr)
        }

        @Test(arguments: [installations[0], installations[installations.count - 1]])
        func theVerbsWorkOnASystemdUnit(bin: String?) async throws {
            try await with(.systemd(restart: .no), bin: bin) { lab, dr in
                #expect(contents(lab.configurationFile).contains("service: {systemd: pgdr-lab-postgresql}"))
                try await verbsWork(lab, dr)
            }
        }

        @Test func theVerbsWorkOnADebianCluster() async throws {
            try await with(.debian, bin: installations[0]) { lab, dr in
                let words = try #require(dr.unit?.split(whereSeparator: { "@-".contains($0) }))
                let service = "service: {pg_ctlcluster: \(words[1]) lab}"
                #expect(contents(lab.configurationFile).contains(service))
                #expect(!exists("\(dr.dataDirectory)/postgresql.conf"))
                let listed = try await ssh(dr, "pg_lsclusters -h")
                let columns = listed.split(separator: " ").map(String.init)
                #expect(Array(columns.prefix(4)) == [String(words[1]), "lab", "\(dr.port)", "online,recovery"])
                try await verbsWork(lab, dr)
            }
        }

        @Test func aUnitsRestartPolicyBringsAKilledServerBack() async throws {
            try await with(.systemd(restart: .onFailure)) { lab, dr in
                let before = try #require(lab.status()[1].pid)
                try await dr.kill()
                try await lab.awaitStreaming(.after(.seconds(20)))
                #expect(lab.status()[1].pid != before)
            }
        }

        @Test func whatIsMaskedStaysSoWhenTheMachineIsStartedAgain() async throws {
            try await with(.systemd(restart: .always)) { lab, dr in
                try await dr.switchOff()
                #expect(lab.status()[1].pid == nil && lab.status()[1].sshdPID == nil)
                try await dr.switchOn()
                try await lab.awaitStreaming(.after(.seconds(20)))
                try await ssh(dr, "systemctl mask --now pgdr-lab-postgresql")
                #expect(lab.status()[1].pid == nil)
                try await dr.switchOff()
                try await dr.switchOn()
                #expect(lab.status()[1].pid == nil && lab.status()[1].sshdPID != nil)
                #expect(try await ssh(dr, "systemctl is-enabled pgdr-lab-postgresql || true") == "masked\n")
                await expectFailure("has no machine") { try await lab.primary.switchOff() }
            }
        }

        @Test func aMachinesSSHEndsAndComesBack() async throws {
            try await with(.systemd(restart: .no)) { lab, dr in
                try await dr.killSSH()
                #expect(lab.status()[1].sshdPID == nil && lab.status()[1].pid != nil)
                try await dr.startSSH()
                #expect(try await ssh(dr, "id -un") == "root\n")
            }
        }
    }
}
