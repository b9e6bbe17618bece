import Configuration

/// The estate as a picture shows it: what stands on which server, and which pipelines lead where, each with its mark.
struct EstatePicture: Sendable {
    struct Box: Sendable {
        /// The server's name; nil for services of which it isn't said.
        var server: String?
        var title: String
        var subtitle: String
        var mark: Mark
        var rows: [Row]
    }

    struct Row: Sendable {
        var name: String
        var kind: String
        var mark: Mark
        /// What is shown when one points at it.
        var reason: String
    }

    /// A pipeline's way to one service.
    struct Arrow: Sendable {
        var name: String
        /// The name of the pipeline's own row.
        var from: String
        var to: String
        var mark: Mark
        var reason: String
    }

    var boxes: [Box]
    var arrows: [Arrow]

    init(_ report: EstateReport) {
        let estate = report.estate
        let results = Dictionary(report.results.map { ($0.name, $0) }) { first, _ in first }
        func mark(_ name: String) -> Mark { results[name].map { Mark($0.finding) } ?? .none }
        func reason(_ name: String) -> String { results[name]?.finding.reason ?? "not looked at" }
        func row(_ service: EstateService) -> Row {
            Row(
                name: service.name, kind: service.kind.rawValue, mark: mark(service.name), reason: reason(service.name))
        }
        arrows = estate.pipelines.flatMap { pipeline in
            pipeline.to.map { target in
                let name = pipeline.to.count == 1 ? pipeline.name : "\(pipeline.name):\(target)"
                return Arrow(
                    name: name, from: pipeline.name, to: target, mark: mark(name), reason: reason(name))
            }
        }
        let ways = arrows
        boxes = estate.servers.map { server in
            let services = estate.services.filter { $0.server == server.name }.map(row)
            let pipelines = estate.pipelines.filter { $0.from == server.name }.map { pipeline in
                let own = ways.filter { $0.from == pipeline.name }
                let worst = own.max { $0.mark.rank < $1.mark.rank }
                return Row(
                    name: pipeline.name, kind: "pipeline", mark: worst?.mark ?? .none, reason: worst?.reason ?? "")
            }
            return Box(
                server: server.name, title: server.title ?? server.name,
                subtitle: server.title == nil ? "" : server.name, mark: mark(server.name), rows: services + pipelines)
        }
        let rest = estate.services.filter { $0.server == nil }.map(row)
        if !rest.isEmpty {
            boxes.append(
                Box(server: nil, title: "Reached by several ways", subtitle: "", mark: .none, rows: rest))
        }
    }
}

extension Mark {
    /// Of several marks the greatest stands for all.
    fileprivate var rank: Int { ["skip": 0, "pass": 1, "warn": 2, "fail": 3][style] ?? 0 }
}
