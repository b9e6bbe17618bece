import Essentials
import Testing

@testable import Postgres

struct ConnectionStringTests {
    static let withSecrets = [
        "host=db1 user=pgdr password=hunter2",
        "host=db1 user=pgdr password='hun ter2 hunter2'",
        "postgresql://pgdr:hunter2@db1:5433/postgres?sslmode=require",
        "postgres://pgdr:hunter2@[::1]:5432,[::2]:5433/db",
        "host=db1 sslpassword=hunter2 sslkey=/k",
        "postgresql://db1/postgres?password=hunter2",
    ]

    @Test(arguments: withSecrets)
    func noTextShowsAPassword(text: String) throws {
        let string = try ConnectionString(text)
        #expect(string.containsPassword)
        var dumped = ""
        dump(string, to: &dumped)
        for shown in [string.description, string.debugDescription, "\(string)", String(reflecting: string), dumped] {
            #expect(!shown.contains("hunter2"))
        }
        #expect(string.value(of: "password") == nil)
        #expect(string.value(of: "sslpassword") == nil)
    }

    @Test(arguments: [
        "password=hunter2 host", "host='db password=hunter2", "nonsense=1 password=hunter2",
        "postgresql://u:hunter2@[::1/db", "postgresql://u:hunter2@h/db?nonsense=1", "hunter2",
    ])
    func aRefusalDoesNotRepeatTheText(text: String) {
        let failure = #expect(throws: Failure.self) { try ConnectionString(text) }
        #expect(failure?.code == .connectionString)
        #expect(!"\(failure as Any)".contains("hunter2"))
    }

    @Test(arguments: [
        ("host=a port=1", "host", "a"), ("postgresql://u@h:5433/d", "port", "5433"),
        ("postgresql://[fd00::2]:5433/d", "host", "fd00::2"),
        ("postgres://[::1]:5432,[::2]:5433/db", "host", "::1,::2"),
        ("postgresql:///d?host=/run/pg", "host", "/run/pg"), ("service=main", "service", "main"),
        ("dbname='a b'", "dbname", "a b"), ("host=a", "port", nil),
    ])
    func libpqParses(text: String, keyword: String, value: String?) throws {
        #expect(try ConnectionString(text).value(of: keyword) == value)
    }

    @Test(arguments: [
        "host=db1 dbname='a b' user='o\\'neil' options='-c x=\\\\y'", "host=h password='p w'", "service=x",
    ])
    func itsDescriptionReadsBackAsTheSame(text: String) throws {
        let string = try ConnectionString(text)
        let again = try ConnectionString(string.description)
        for keyword in ["host", "dbname", "user", "options", "service"] {
            #expect(again.value(of: keyword) == string.value(of: keyword))
        }
    }

    @Test(arguments: ["it's", "a\\", "a b", "", "'\u{301} host=evil", "\\\u{301}", "a\n\tb", "\"", "$(x)", "a=b"])
    func valuesAreQuotedForLibpq(value: String) throws {
        let connection = try ConnectionString("host=h").setting("application_name", to: value)
        let again = try ConnectionString(connection.description)
        #expect(again.value(of: "application_name").map { Array($0.utf8) } == Array(value.utf8))
        #expect(again.value(of: "host") == "h")
    }

    @Test func replacingTheServerKeepsTheRest() throws {
        let string = try ConnectionString("host=a,b port=1,2 hostaddr=1.2.3.4,1.2.3.5 user=u password='x y' dbname=d")
        let other = try string.replacing(host: "c", port: 7)
        #expect(other.description == "user=u dbname=d host=c port=7")
        #expect(other.containsPassword)
    }

    @Test func expandingKnowsDefaultsAndRefusals() throws {
        let expanded = try ConnectionString("host=a,b port=1,2 user=u target_session_attrs=read-write").expanded()
        func value(_ keyword: String) -> String? { expanded.last { $0.keyword == keyword }?.value }
        #expect(value("host") == "a,b")
        #expect(value("port") == "1,2")
        #expect(value("dbname") == "u")
        #expect(value("target_session_attrs") == "read-write")
        let mismatch = #expect(throws: Failure.self) { try ConnectionString("host=a,b,c port=1,2").expanded() }
        #expect(mismatch?.detail == "could not match 2 port numbers to 3 hosts")
        #expect(throws: Failure.self) { try ConnectionString("host=a sslmode=bogus").expanded() }
        #expect(throws: Failure.self) { try ConnectionString("service=there-is-none-of-this-name").expanded() }
    }
}

struct AddressTests {
    private func addresses(_ text: String) async throws -> [Address] {
        try await Address.all(of: ConnectionString(text).expanded(), until: .after(.seconds(20)))
    }

    @Test func numbersAreNotLookedUp() async throws {
        #expect(
            try await addresses("host=127.0.0.1,::1 port=5,6") == [
                Address(host: "127.0.0.1", hostaddr: "127.0.0.1", port: "5"),
                Address(host: "::1", hostaddr: "::1", port: "6"),
            ])
    }

    @Test func aNameKeepsItsNameForTheCertificate() async throws {
        let found = try await addresses("host=localhost port=5")
        #expect(found.allSatisfy { $0.host == "localhost" && $0.port == "5" })
        #expect(found.contains { $0.hostaddr == "127.0.0.1" || $0.hostaddr == "::1" })
    }

    @Test func socketDirectoriesAndGivenAddressesStay() async throws {
        #expect(
            try await addresses("host=/tmp,@abstract,db hostaddr=,,10.0.0.1 port=5") == [
                Address(host: "/tmp", hostaddr: nil, port: "5"), Address(host: "@abstract", hostaddr: nil, port: "5"),
                Address(host: "db", hostaddr: "10.0.0.1", port: "5"),
            ])
    }

    @Test func aNameWithoutAddressSaysSo() async throws {
        do {
            _ = try await addresses("host=no-such-host.invalid")
            Issue.record("found an address")
        } catch let error as PostgresError {
            guard case .silence(let silence) = error else { throw error }
            #expect(silence.reason == .nameNotFound)
            #expect(silence.detail.contains("\"no-such-host.invalid\""))
        }
    }
}
