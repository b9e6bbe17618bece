package import Configuration
import Replication

/// Which parts of an estate a check is about, and what has to be asked for that.
package struct EstatePlan: Sendable {
    /// The estate.
    package let estate: EstateConfiguration
    private let only: Set<String>

    /// A plan for some categories, or for all where none is named.
    package init(_ estate: EstateConfiguration, only: [String] = []) {
        self.estate = estate
        self.only = Set(only)
    }

    private func isWanted(_ category: String) -> Bool { only.isEmpty || only.contains(category) }

    /// The servers that results are about.
    var servers: [EstateServer] { estate.servers.filter { $0.ssh != nil && isWanted($0.category) } }
    /// The services that results are about.
    var services: [EstateService] { estate.services.filter { isWanted($0.category) } }
    /// The pipelines that results are about.
    var pipelines: [EstatePipeline] { estate.pipelines.filter { isWanted($0.category) } }

    /// The services to ask: those that results are about, and those that their pipelines need.
    package var askedServices: [EstateService] {
        let wanted = Set(services.map(\.name) + pipelines.filter { whyLeftOut($0) == nil }.flatMap(\.to))
        return estate.services.filter { whyLeftOut($0) == nil && wanted.contains($0.name) }
    }

    /// The servers to log in to.
    package var askedServers: [EstateServer] {
        let wanted = Set(servers.map(\.name))
        return estate.servers.filter { server in
            server.ssh != nil && server.isDeployed && (wanted.contains(server.name) || !crossings(from: server).isEmpty)
        }
    }

    /// The ways from a server that are to be tried, each once.
    package func crossings(from server: EstateServer) -> [Crossing] {
        var seen: Set<Crossing> = []
        return pipelines.filter { $0.from == server.name && whyLeftOut($0) == nil }
            .flatMap(\.to).compactMap { estate.service(named: $0) }.filter { whyLeftOut($0) == nil }
            .flatMap { service in service.probe.addresses.map { Crossing($0, Crossing.Manner(service.kind)) } }
            .filter { seen.insert($0).inserted }
    }

    // MARK: What is not there yet

    private static let undeployed = "declared as not deployed yet"

    private func whyLeftOut(server name: String?) -> String? {
        guard let name, let server = estate.server(named: name), !server.isDeployed else { return nil }
        return "server \"\(name)\" is \(Self.undeployed)"
    }

    private func whyLeftOut(_ service: EstateService) -> String? {
        service.isDeployed ? whyLeftOut(server: service.server) : Self.undeployed
    }

    private func whyLeftOut(_ pipeline: EstatePipeline) -> String? {
        pipeline.isDeployed ? whyLeftOut(server: pipeline.from) : Self.undeployed
    }

    // MARK: What it comes to

    /// What was seen, judged: servers, services and pipelines in the file's order.
    /// - Parameter now: seconds since 1970-01-01 UTC.
    package func results(_ sights: EstateSights, at now: Double) -> [EstateResult] {
        servers.map { result($0, sights) } + services.map { result($0, sights, at: now) }
            + pipelines.flatMap { results($0, sights, at: now) }
    }

    private func result(_ server: EstateServer, _ sights: EstateSights) -> EstateResult {
        let sight = sights.servers[server.name]
        let finding: EstateFinding =
            if server.isDeployed {
                sight.map { EstateFinding(login: $0) } ?? .unasked
            } else {
                .skip(Self.undeployed)
            }
        return EstateResult(
            name: server.name, subject: .server, kind: "ssh", category: server.category, server: server.name,
            place: server.ssh?.text, finding: finding, latency: finding.outcome == .pass ? sight?.latency : nil)
    }

    private func result(_ service: EstateService, _ sights: EstateSights, at now: Double) -> EstateResult {
        let sight = sights.services[service.name]
        let finding: EstateFinding =
            if let reason = whyLeftOut(service) {
                .skip(reason)
            } else {
                sight.map { EstateFinding(service.probe, $0, at: now) } ?? .unasked
            }
        let hasAnswered = if case .success = sight?.result { true } else { false }
        return EstateResult(
            name: service.name, subject: .service, kind: service.kind.rawValue, category: service.category,
            server: service.server, place: service.probe.place, finding: finding,
            latency: hasAnswered && finding.outcome != .skip ? sight?.latency : nil)
    }

    private func results(_ pipeline: EstatePipeline, _ sights: EstateSights, at now: Double) -> [EstateResult] {
        pipeline.to.compactMap { estate.service(named: $0) }.map { target in
            let name = pipeline.to.count == 1 ? pipeline.name : "\(pipeline.name):\(target.name)"
            var result = EstateResult(
                name: name, subject: .pipeline, kind: "pipeline", category: pipeline.category, server: pipeline.from,
                target: target.name, place: target.probe.place, finding: .unasked)
            if let reason = whyLeftOut(pipeline) {
                result.finding = .skip(reason)
            } else if let reason = whyLeftOut(target) {
                result.finding = .skip("service \"\(target.name)\": \(reason)")
            } else {
                (result.finding, result.latency) = EstateFinding.crossing(
                    from: pipeline.from, to: target, login: sights.servers[pipeline.from],
                    ways: sights.crossings[pipeline.from] ?? [:], service: sights.services[target.name], at: now)
            }
            return result
        }
    }
}

extension EstateFinding {
    /// What nobody got round to before the deadline.
    static let unasked = EstateFinding.fail("it was not looked at in time", severity: .unknown)
}
