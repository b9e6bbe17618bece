import Essentials
import Glibc
import Lab
import Subprocess
import Testing

/// All that starts servers, one after the other.
@Suite(.serialized, .timeLimit(.minutes(5))) struct RealServers {}

extension RealServers {
    @Suite(.serialized) struct LabUpDownTests {
        @Test(arguments: installations) func upThenDownLeavesNothing(bin: String?) async throws {
            let directory = Lab.temporaryDirectory()
            let lab = try await Lab.up(LabOptions(directory: directory, postgresBin: bin))
            #expect(lab.nodes.map(\.name) == ["primary", "dr", "replica"])
            for row in lab.status() {
                #expect(row.pid != nil)
                #expect(row.sshdPID != nil)
            }
            #expect(try !processes(naming: directory).isEmpty)
            #expect(try await Lab.down(directory) == .removed)
            #expect(!exists(directory))
            #expect(try processes(naming: directory) == [])
            #expect(try await Lab.down(directory) == .nothing)
        }

        @Test func twoStandSideBySide() async throws {
            try await Lab.with { first in
                try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 1)) { second in
                    #expect(first.primary.port != second.primary.port)
                    try await first.primary.psql("CREATE TABLE only_in_first ();")
                    let found = try await second.primary.psql(
                        "SELECT count(*) FROM pg_class WHERE relname = 'only_in_first';")
                    #expect(found == "0")
                }
                #expect(first.status().allSatisfy { $0.pid != nil })
            }
        }

        @Test func downAfterKilledAndFrozenServers() async throws {
            let directory = Lab.temporaryDirectory()
            let lab = try await Lab.up(LabOptions(directory: directory))
            try await lab.primary.kill()
            try lab.node("dr").freeze()
            #expect(try await Lab.down(directory) == .removed)
            #expect(!exists(directory))
            #expect(try processes(naming: directory) == [])
        }

        @Test func downWhenThePIDFilesAreGone() async throws {
            let directory = Lab.temporaryDirectory()
            let lab = try await Lab.up(LabOptions(directory: directory, standbys: 1))
            for node in lab.nodes {
                unlink("\(node.dataDirectory)/postmaster.pid")
                unlink("\(node.directory)/sshd.pid")
            }
            #expect(try await Lab.down(directory) == .removed)
            #expect(try processes(naming: directory) == [])
        }

        @Test func downOfAHalfMadeLab() async throws {
            let directory = Lab.temporaryDirectory()
            mkdir(directory, 0o755)
            // All that is left when `up` was killed while it wrote its marker.
            write("{", to: "\(directory)/lab.json.new")
            #expect(try await Lab.down(directory) == .removed)
            // A little later: the marker, an unfinished node and a program that goes on.
            mkdir(directory, 0o755)
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 1)) { other in
                let marker = contents("\(other.directory)/lab.json")
                write(marker.replacing(other.directory, with: directory), to: "\(directory)/lab.json")
            }
            mkdir("\(directory)/primary", 0o755)
            async let orphan = run(
                .name("sleep"), arguments: ["1000"], environment: .inherit.updating(["PGDR_LAB": directory]),
                output: .discarded)
            while try processes(naming: directory).isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            #expect(try await Lab.down(directory) == .removed)
            #expect(try await !orphan.terminationStatus.isSuccess)
            #expect(!exists(directory))
        }

        @Test func oneOfTwoUpsInTheSameDirectoryWins() async throws {
            let options = LabOptions(directory: Lab.temporaryDirectory(), standbys: 0)
            let both = [Task { try await Lab.up(options) }, Task { try await Lab.up(options) }]
            var refusals: [String] = []
            for up in both {
                if case .failure(let failure as Failure) = await up.result { refusals.append(failure.message) }
            }
            #expect(refusals == ["there is a lab in \"\(options.directory)\" already"])
            #expect(try Lab.open(options.directory).status().allSatisfy { $0.pid != nil })
            #expect(try await Lab.down(options.directory) == .removed)
            #expect(try processes(naming: options.directory) == [])
        }

        @Test func aCopyOfALabIsLeftAlone() async throws {
            let copy = Lab.temporaryDirectory()
            mkdir(copy, 0o755)
            defer {
                unlink("\(copy)/lab.json")
                rmdir(copy)
            }
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 0)) { lab in
                write(contents("\(lab.directory)/lab.json"), to: "\(copy)/lab.json")
                await expectFailure("is a copy of a lab") { _ = try await Lab.down(copy) }
                #expect(lab.status().allSatisfy { $0.pid != nil })
            }
        }

        @Test(arguments: [50, 300, 700, 1000]) func cancelledUpTakesAllDownAgain(milliseconds: Int) async throws {
            let directory = Lab.temporaryDirectory()
            let up = Task { try await Lab.up(LabOptions(directory: directory)) }
            try await Task.sleep(for: .milliseconds(milliseconds))
            up.cancel()
            // It may have been quicker than the cancellation.
            if case .success = await up.result { _ = try await Lab.down(directory) }
            #expect(!exists(directory))
            #expect(try processes(naming: directory) == [])
        }

        @Test func upRefusesATakenPort() async throws {
            let directory = Lab.temporaryDirectory()
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 0)) { other in
                let taken = LabOptions(directory: directory, standbys: 0, port: other.primary.port)
                await expectFailure("cannot be used") { _ = try await Lab.up(taken) }
            }
            #expect(!exists(directory))
        }

        @Test func upRefusesALabAndAForeignDirectory() async throws {
            try await Lab.with(LabOptions(directory: Lab.temporaryDirectory(), standbys: 0)) { lab in
                await expectFailure("a lab in") { _ = try await Lab.up(LabOptions(directory: lab.directory)) }
                #expect(lab.status().allSatisfy { $0.pid != nil })
            }
            let foreign = Lab.temporaryDirectory()
            mkdir(foreign, 0o755)
            mkdir("\(foreign)/precious", 0o755)
            defer {
                rmdir("\(foreign)/precious")
                rmdir(foreign)
            }
            await expectFailure("neither empty nor a lab") { _ = try await Lab.up(LabOptions(directory: foreign)) }
            await expectFailure("is not a lab") { _ = try await Lab.down(foreign) }
            #expect(exists("\(foreign)/precious"))
        }

        @Test func upTakesAnAwkwardDirectory() async throws {
            let directory = Lab.temporaryDirectory() + " 100% ü"
            try await Lab.with(LabOptions(directory: directory, standbys: 1)) { lab in
                #expect(contents(lab.configurationFile).contains("passfile='\(lab.passfile)'"))
                try await ssh(lab.primary, "true")
            }
            #expect(!exists(directory))
        }
    }
}
