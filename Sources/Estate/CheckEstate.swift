package import Configuration
import Essentials
import Hosts
package import SSH

/// Looks at an estate: everything side by side, under one deadline; changes nothing.
/// - Parameters:
///   - only: the categories that are looked at; empty: all.
///   - timeout: how long everything together may take; nil: as configured.
///   - secrets: where passphrases of keys come from that have no `askpass`.
///   - now: seconds since 1970-01-01 UTC.
/// - Returns: one result for each server with SSH, each service and each target of a pipeline.
package func checkEstate(
    _ estate: EstateConfiguration, only: [String] = [], timeout: Duration? = nil, secrets: Secrets = .none,
    at now: Double
) async -> [EstateResult] {
    let plan = EstatePlan(estate, only: only)
    let deadline = Deadline.after(timeout ?? estate.timeout)
    return plan.results(await plan.sights(secrets, until: deadline), at: now)
}

extension EstatePlan {
    private enum Report: Sendable {
        case service(String, Observation)
        case server(String, Observation, [Crossing: CrossingSight])
    }

    /// Asks everything.
    func sights(_ secrets: Secrets, until deadline: Deadline) async -> EstateSights {
        await withTaskGroup(of: Report.self) { group in
            for service in askedServices {
                group.addTask { .service(service.name, await observe(service.probe, until: deadline)) }
            }
            for server in askedServers {
                let crossings = crossings(from: server)
                group.addTask {
                    let (login, ways) = await observe(server, crossings, secrets, until: deadline)
                    return .server(server.name, login, ways)
                }
            }
            var sights = EstateSights()
            for await report in group {
                switch report {
                case .service(let name, let observation): sights.services[name] = observation
                case .server(let name, let login, let ways):
                    sights.servers[name] = login
                    sights.crossings[name] = ways
                }
            }
            return sights
        }
    }
}

/// Asks one service.
///
/// Not inlined into a task that returns a tuple or an enum: the optimizer (Swift 6.3.1) would leave a part unset.
@inline(never)
private func observe(_ probe: EstateProbe, until deadline: Deadline) async -> Observation {
    let start = ContinuousClock.now
    let result: Result<Sight, Failure>
    do throws(Failure) { result = .success(try await ask(probe, until: deadline)) } catch { result = .failure(error) }
    return Observation(result, latency: start.duration(to: .now).seconds)
}

private func ask(_ probe: EstateProbe, until deadline: Deadline) async throws(Failure) -> Sight {
    switch probe {
    case .tcp(let address):
        _ = try await Dialling.connect(address.host, address.port, until: deadline)
        return .connected
    case .http(let probe): return .http(try await ask(http: probe, until: deadline))
    case .postgres(let probe): return .postgres(try await ask(postgres: probe, until: deadline))
    case .redis(let probe): return .redis(try await ask(redis: probe, until: deadline))
    case .sentinel(let probe): return .sentinel(try await ask(sentinel: probe, until: deadline))
    case .nats(let probe): return .nats(try await ask(nats: probe, until: deadline))
    }
}

/// Logs in to a server, and tries the ways from there.
@inline(never)
private func observe(
    _ server: EstateServer, _ crossings: [Crossing], _ secrets: Secrets, until deadline: Deadline
) async -> (Observation, [Crossing: CrossingSight]) {
    let start = ContinuousClock.now
    do throws(Failure) {
        guard let address = server.ssh else { throw Failure(.refused, "it has no SSH address") }
        let shell = try HostShell(server.name, address, secrets: secrets)
        try await shell.open(until: deadline)
        let login = Observation(.success(.connected), latency: start.duration(to: .now).seconds)
        return (login, await shell.sights(crossings, until: deadline))
    } catch {
        return (Observation(.failure(error), latency: start.duration(to: .now).seconds), [:])
    }
}
