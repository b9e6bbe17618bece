import Configuration
import Essentials
import Hosts
import Testing

/// Where a server is started apart from the node's service.
struct ApartPlaceTests {
    private static let plain = ServiceConfiguration.pgCtl(binDirectory: "/usr/lib/postgresql/15/bin")
    private static let boxed = ServiceConfiguration.container(
        runtime: .podman, name: "pg", binDirectory: "/usr/lib/postgresql/15/bin")

    private func place(_ service: ServiceConfiguration, _ pairs: [(String, String)]) throws -> ApartPlace {
        try ApartPlace(
            node(service), facts(anyHost + anyDirectory + anyServer + programs("15.18") + pairs, service), name: "x")
    }

    @Test func onTheHost() throws {
        let place = try place(Self.plain, [])
        #expect(place.beginning == nil && place.end == nil)
        #expect(place.command(["true"], input: "i") == HostCommand(["true"], as: .server, input: "i"))
        #expect(try place.path("/srv/pg") == "/srv/pg")
        // One word, which a shell reads.
        let words = place.start(on: "/srv/pg", settings: [("a", ""), ("b", "it's $(x)")], log: "/l")
        #expect(words.suffix(2) == ["-o", "-c 'a=' -c 'b=it'\\''s $(x)'"])
        #expect(words.prefix(3) == ["env", "LC_ALL=C", "/usr/lib/postgresql/15/bin/pg_ctl"])
    }

    /// Programs of the host, though they are there, would open the data with libraries of their own.
    @Test func inAContainerOfTheImage() throws {
        let place = try place(Self.boxed, container(account: "login"))
        #expect(
            place.command(["true"])
                == HostCommand(["podman", "exec", "--interactive", "--user", "101", "x", "true"], as: .login))
        let begin = try #require(place.beginning)
        #expect(begin.words.contains("none") && begin.words.contains("postgres:15") && !begin.words.contains("host"))
        #expect(place.end?.words.suffix(2) == ["podman", "x"])
        #expect(try place.path("/srv/pg") == "/var/lib/postgresql/data")
        #expect(throws: Failure.self) { try place.path("/elsewhere") }
        let failure = #expect(throws: Failure.self) { try self.place(Self.boxed, container(image: "")) }
        #expect(failure?.message == "the container \"pg\" of node \"n\" has no image to make another one from")
    }
}
