import Configuration
import Essentials
import Hosts
import Testing

struct ToolboxTests {
    private static let plain = ServiceConfiguration.pgCtl(binDirectory: "/usr/lib/postgresql/15/bin")
    private static let image = ServiceConfiguration.container(runtime: .docker, name: "pg")
    private static let both = ServiceConfiguration.container(
        runtime: .podman, name: "pg", binDirectory: "/usr/lib/postgresql/15/bin")

    private func command(_ service: ServiceConfiguration, _ pairs: [(String, String)]) throws -> HostCommand {
        let facts = try facts(anyHost + anyDirectory + pairs, service)
        return try Toolbox(node(service), facts).command("pg_rewind", ["-D", .path("/srv/pg"), "--progress"])
    }

    @Test func runsOnTheHost() throws {
        let words = ["env", "LC_ALL=C", "/usr/lib/postgresql/15/bin/pg_rewind", "-D", "/srv/pg", "--progress"]
        #expect(try command(Self.plain, programs("15.18")) == HostCommand(words))
        #expect(try command(Self.both, container() + programs("15.18")) == HostCommand(words))
    }

    @Test func runsInAContainerOfTheImage() throws {
        let before = ["run", "--rm", "--network", "host", "--volumes-from", "pg", "--user", "101", "--env", "LC_ALL=C"]
        let after = ["postgres:15", "-D", "/var/lib/postgresql/data", "--progress"]
        #expect(
            try command(Self.image, container() + programs("15.18", in: "/usr/bin"))
                == HostCommand(["docker"] + before + ["--entrypoint", "pg_rewind"] + after, as: .root))
        // Those on the host are of another version.
        #expect(
            try command(Self.both, container(account: "login") + programs("16.2"))
                == HostCommand(
                    ["podman"] + before + ["--entrypoint", "/usr/lib/postgresql/15/bin/pg_rewind"] + after, as: .login))
    }

    @Test(
        arguments: [
            (plain, [], "found none of PostgreSQL's programs on the host of node \"n\""),
            (
                plain, programs("16.2"),
                "the programs on the host of node \"n\" are of version 16, its data of 15"
            ),
            (
                both, container(image: "") + programs("16.2"),
                "the container \"pg\" of node \"n\" has no image to run programs from"
            ),
            (
                image, [("container_refusal", "permission denied")],
                "could not look at the container \"pg\" of node \"n\""
            ),
        ] as [(ServiceConfiguration, [(String, String)], String)])
    func refusesProgramsThatDoNotFit(
        service: ServiceConfiguration, pairs: [(String, String)], message: String
    ) throws {
        let failure = #expect(throws: Failure.self) { try command(service, pairs) }
        #expect(failure?.code == .refused && failure?.message == message && failure?.node == "n")
    }

    @Test func refusesAPathThatTheContainerDoesNotSee() throws {
        let facts = try facts(anyHost + anyDirectory + container(), Self.image)
        let toolbox = try Toolbox(node(Self.image), facts)
        let failure = #expect(throws: Failure.self) { try toolbox.controlData(of: "/elsewhere") }
        #expect(failure?.message == "the container \"pg\" does not see \"/elsewhere\" of its host")
    }
}
