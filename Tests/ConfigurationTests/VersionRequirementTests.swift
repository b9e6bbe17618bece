import Configuration
import Testing

@Suite struct VersionRequirementTests {
    @Test(arguments: [
        ("15", "15.18 (Debian 15.18-0+deb12u1)", true), ("15", "15", true), ("15", "150.1", false),
        ("15", "14.9", false),
        ("7.0", "7.0.15", true), ("7.0", "7.01", false), ("7.0", "7", false), ("2.9.10", "v2.9.10", true),
        (">= 7", "7.0.15", true), (">= 7", "7", true), (">= 7", "6.2.18", false), (">=7.0.15", "7.0.15", true),
        ("> 7", "7.0.0", false), ("> 7", "7.0.1", true), ("<= 2.9", "2.9.0", true), ("<= 2.9", "2.9.10", false),
        ("< 18", "17.11", true), ("< 18", "18devel", false), (">= 15, < 18", "17.1", true),
        (">= 15, < 18", "18.0", false), (">= 15, < 18", "14.22", false),
    ])
    func accepts(requirement: String, version: String, isAccepted: Bool) throws {
        #expect(try #require(VersionRequirement(requirement)).accepts(version) == isAccepted)
    }

    @Test(arguments: [
        "", "x", ">=", "7.", ".7", "7..1", "v7", "07", "7 8", "= 7", "7,", "~> 7", "99999999999999999999",
    ])
    func isNone(text: String) { #expect(VersionRequirement(text) == nil) }

    @Test func aVersionWithoutANumber() throws {
        #expect(try #require(VersionRequirement("7")).accepts("unknown") == nil)
        #expect(try #require(VersionRequirement("7")).accepts("99999999999999999999") == nil)
    }
}
