import Configuration
import Essentials
import Estate
import Replication
import Testing

@Suite struct EstatePlanTests {
    private func lines(_ results: [EstateResult]) -> [String] {
        results.map { "\($0.outcome) \($0.name): \($0.finding.reason)" }
    }

    @Test func everythingAsExpected() {
        let results = EstatePlan(Estates.shop).results(Estates.goodSights, at: 0)
        #expect(
            lines(results) == [
                "pass one: lets us in", "skip two: declared as not deployed yet",
                "pass database: arrives at a primary at db2:5432, version 15.18", "pass cache: master, version 7.0.15",
                "skip bus: server \"two\" is declared as not deployed yet", "pass port: takes connections",
                "pass ingest:database: one is answered by db2:5432",
                "skip ingest:bus: service \"bus\": server \"two\" is declared as not deployed yet",
                "skip later: declared as not deployed yet", "pass probe: one connects to three:1",
            ])
        #expect(results.map(\.latency) == [0.036, nil, 0.004, 0.001, nil, 0.0005, 0.003, nil, nil, 0.2])
        #expect(results.severity == .ok)
        let tally = EstateTally(results)
        #expect(tally == EstateTally(passed: 6, failed: 0, skipped: 4) && tally.total == 10 && tally.rate == 1)
    }

    @Test func whatIsNotThereYetIsNotAsked() {
        let plan = EstatePlan(Estates.shop)
        #expect(plan.askedServices.map(\.name) == ["database", "cache", "port"])
        #expect(plan.askedServers.map(\.name) == ["one"])
        #expect(
            plan.crossings(from: Estates.shop.servers[0]) == [
                Crossing(ServerAddress(host: "db1"), .postgres), Crossing(ServerAddress(host: "db2"), .postgres),
                Crossing(ServerAddress(host: "three", port: 1), .connection),
            ])
    }

    /// A pipeline needs the login to its server and the answer of its service, whatever their categories.
    @Test func someCategories() {
        let plan = EstatePlan(Estates.shop, only: ["telemetry", "messaging"])
        #expect(plan.askedServices.map(\.name) == ["port"])
        #expect(plan.askedServers.map(\.name) == ["one"])
        #expect(plan.results(Estates.goodSights, at: 0).map(\.name) == ["bus", "port", "probe"])
        let pipelines = EstatePlan(Estates.shop, only: ["pipelines"])
        #expect(pipelines.askedServices.map(\.name) == ["database"])
        #expect(pipelines.results(Estates.goodSights, at: 0).map(\.name) == ["ingest:database", "ingest:bus", "later"])
        #expect(EstatePlan(Estates.shop, only: ["caches"]).askedServers.isEmpty)
    }

    @Test func twoPipelinesShareAWay() {
        var estate = Estates.shop
        estate.pipelines.append(EstatePipeline(name: "again", from: "one", to: ["database"]))
        #expect(EstatePlan(estate).crossings(from: estate.servers[0]).count == 3)
    }

    @Test func whatWasNotSeenIsUnknown() {
        let results = EstatePlan(Estates.shop).results(EstateSights(), at: 0)
        #expect(results.filter { $0.outcome == .fail }.count == 6)
        #expect(results.severity == .unknown)
        #expect(results[0].finding.reason == "it was not looked at in time")
    }

    /// Where all is declared as not there yet, nothing is known.
    @Test func whatNobodyLookedAtIsUnknown() {
        #expect([EstateResult]().severity == .unknown)
        let skipped = EstatePlan(Estates.shop).results(Estates.goodSights, at: 0).filter { $0.outcome == .skip }
        #expect(skipped.count == 4 && skipped.severity == .unknown)
    }
}
