import Replication
import Configuration
import Essentials
import Testing

@testable import RunbookEngine

struct PlanValuesTests {
    private func said(_ text: String, _ shop: Shop, _ more: String = "") throws -> String? {
        let plan = try shop.plan(text: "title: T\n\(more)steps:\n  - {name: a, notify: \"\(text)\"}\n")
        guard case .notify(let said) = plan.steps.first?.acts.first else { return nil }
        return said
    }

    private func failure(_ text: String, _ shop: Shop, _ more: String = "") throws -> Failure {
        try #require(throws: Failure.self) { try said(text, shop, more) }
    }

    @Test(arguments: [
        ("${primary}", "nas-1"), ("${primary.name}", "nas-1"), ("${primary.host}:${primary.port}", "10.0.0.1:5432"),
        ("${primary.data_directory}", "/srv/one"), ("${primary.application_name}", "nas-1"),
        ("${primary.slot}", "nas_1"), ("${primary.site}", ""), ("$${primary} of shop", "${primary} of shop"),
    ]) func fillsPlaces(text: String, value: String) throws {
        #expect(try said(text, Shop()) == value)
    }

    @Test(arguments: [
        ("${n.port}", "5433"), ("${n.data_directory}", Shop.directory),
        ("${n.application_name}", Shop.applicationName), ("${n.site}", "b"),
        // A slot's name has lower case letters, digits and underscores only.
        ("${n.slot}", "dr_s__two_____reboot__"),
    ]) func ofParameters(text: String, value: String) throws {
        #expect(try said(text, Shop(), "parameters: {n: {type: node, default: nas-2}}\n") == value)
    }

    /// What fills a place is never read again.
    @Test func aValueIsNoTemplate() throws {
        let more = "parameters: {t: {type: text, default: \"$${primary} ${primary}\"}}\n"
        #expect(try said("${t}", Shop(), more) == "$${primary} ${primary}")
    }

    @Test func lists() throws {
        func nodes(_ list: String, _ shop: Shop, except: String = "[]") throws -> [String] {
            let text = "title: T\nsteps:\n  - {name: a, for_each: \(list), except: \(except), notify: \"${node}\"}\n"
            return try shop.plan(text: text).steps.map(\.id)
        }
        #expect(try nodes("\"${nodes}\"", Shop()) == ["a[nas-1]", "a[nas-2]", "a[nas-3]"])
        #expect(try nodes("\"${standbys}\"", Shop()) == ["a[nas-2]", "a[nas-3]"])
        #expect(try nodes("\"${followers}\"", Shop()) == ["a[nas-2]", "a[nas-3]"])
        #expect(try nodes("[\"${primary}\", \"${nodes}\", nas-2]", Shop()) == ["a[nas-1]", "a[nas-2]", "a[nas-3]"])
        #expect(try nodes("\"${nodes}\"", Shop(), except: "[\"${primary}\", nas-3]") == ["a[nas-2]"])
        #expect(try nodes("\"${standbys}\"", Shop(), except: "\"${nodes}\"") == [])
        var shop = try Shop()
        shop.silence("nas-3")
        #expect(try nodes("\"${standbys}\"", shop) == ["a[nas-2]"])
    }

    /// A standby that streams from another standby doesn't follow the primary.
    @Test func aCascadeIsNoFollower() throws {
        var shop = try Shop()
        shop.change("nas-3") { own in
            own.receiver?.senderHost = "10.0.0.2"
            own.receiver?.senderPort = 5433
            own.primaryConninfo?.host = "10.0.0.2"
            own.primaryConninfo?.port = 5433
        }
        shop.change("nas-1") { $0.standbys.removeLast() }
        #expect(shop.facts.followers == ["nas-2"])
        #expect(shop.facts.standbys == ["nas-2", "nas-3"])
    }

    @Test func noPrimary() throws {
        var shop = try Shop()
        shop.silence("nas-1")
        let failure = try failure("${primary}", shop)
        #expect(
            failure
                == Failure(
                    .refused, "cluster \"shop\" has no primary that answers", hint: "Look at: pgdr status"))
        // Those who follow it are known by what they are told to follow.
        #expect(shop.facts.followers == ["nas-2", "nas-3"])
    }

    @Test func twoPrimaries() throws {
        var shop = try Shop()
        shop.promote("nas-2")
        let failure = try failure("${primary}", shop)
        #expect(
            failure
                == Failure(
                    .refused, "cluster \"shop\" has more than one primary",
                    detail: "Primaries: \"nas-1\" and \"nas-2\".",
                    hint: "Look at: pgdr status"))
    }

    @Test func aListIsNoText() throws {
        let failure = try failure("${nodes}", Shop())
        #expect(failure.message == "own.yaml:3:23: \"nodes\" is a list of nodes")
        #expect(failure.hint == "Use it under \"for_each\".")
    }

    @Test func attributesAreThoseOfNodes() throws {
        let failure = try failure("${t.host}", Shop(), "parameters: {t: {type: text, default: nas-4}}\n")
        #expect(failure.message == "there is no node \"nas-4\" in cluster \"shop\"")
    }

    @Test func slots() throws {
        var shop = try Shop()
        #expect(shop.facts.slot(of: "nas-3") == "nas_3")
        shop.set("primary_slot_name", "slot_of_old", on: "nas-3")
        #expect(shop.facts.slot(of: "nas-3") == "slot_of_old")
        shop.facts.cluster.nodes[2].applicationName = String(repeating: "Ä", count: 70)
        shop.set("primary_slot_name", "", on: "nas-3")
        #expect(shop.facts.slot(of: "nas-3") == String(repeating: "_", count: 63))
    }
}
