import Pages
import Replication

/// A cluster as a picture shows it: each node at its depth in the tree of who receives from whom.
struct ReplicationPicture: Sendable {
    struct Node: Sendable {
        var name: String
        /// What it is and what state it is in.
        var words: String
        var mark: Mark
        /// How far it is from the primary: 0 for those that receive from nobody known.
        var depth: Int
        var upstream: String?
        /// How far it is behind; empty for a primary.
        var lag: String
    }

    /// In the order in which they stand below each other.
    var nodes: [Node] = []

    init(_ cluster: ClusterReport) {
        let names = Set(cluster.nodes.map(\.name))
        func isRoot(_ node: NodeReport) -> Bool { node.upstream.map { !names.contains($0) } ?? true }
        var seen: Set<String> = []
        func add(_ report: NodeReport, _ depth: Int) -> [Node] {
            guard seen.insert(report.name).inserted else { return [] }
            let below = cluster.nodes.filter { $0.upstream == report.name }
            return [Node(report, depth, cluster)] + below.flatMap { add($0, depth + 1) }
        }
        let roots = cluster.nodes.filter(isRoot).sorted { $0.role == .primary && $1.role != .primary }
        nodes = roots.flatMap { add($0, 0) }
        // A cycle has no root.
        nodes += cluster.nodes.flatMap { add($0, 0) }
    }
}

extension ReplicationPicture.Node {
    init(_ node: NodeReport, _ depth: Int, _ cluster: ClusterReport) {
        name = node.name
        // What it is for, unless it is just that.
        let purpose = node.kind.rawValue == node.role?.rawValue ? nil : "for \(node.kind.rawValue)"
        words = [node.role?.rawValue ?? "no answer", node.state ?? node.silence?.reason, purpose]
            .compactMap(\.self).joined(separator: ", ")
        let worst = cluster.findings.filter { $0.node == node.name }.map(\.severity).max() ?? .ok
        mark = Mark(
            node.role == nil || worst == .critical
                ? .fail(node.silence?.detail ?? "") : worst > .ok ? .fail("", severity: worst) : .pass(""))
        self.depth = depth
        upstream = depth > 0 ? node.upstream : nil
        let replay = node.lag?.replay
        let parts = [replay?.bytes.map(Quantity.bytes), replay?.seconds.map(Quantity.seconds)].compactMap(\.self)
        lag = node.role == .primary ? "" : parts.isEmpty ? "lag not known" : parts.joined(separator: ", ") + " behind"
    }
}

/// The cluster's picture as SVG.
struct ReplicationDrawing {
    var name: String
    var picture: ReplicationPicture

    private static let width = 270
    private static let height = 46
    private static let gap = (x: 170, y: 22)
    private static let margin = 12

    var markup: Markup {
        let depth = picture.nodes.map(\.depth).max() ?? 0
        let width = 2 * Self.margin + (depth + 1) * Self.width + depth * Self.gap.x
        let height = 2 * Self.margin + picture.nodes.count * (Self.height + Self.gap.y) - Self.gap.y
        let links = picture.nodes.enumerated().compactMap(link)
        return """
            <svg class="picture" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" role="img" aria-label="Replication of cluster \(name)">
            \(picture.nodes.enumerated().map(box))
            \(links)
            </svg>
            """
    }

    private func place(_ index: Int) -> (x: Int, y: Int) {
        (
            Self.margin + picture.nodes[index].depth * (Self.width + Self.gap.x),
            Self.margin + index * (Self.height + Self.gap.y)
        )
    }

    private func box(_ index: Int, _ node: ReplicationPicture.Node) -> Markup {
        let place = place(index)
        return """
            <g class="node"><rect class="box \(node.mark.style)" x="\(place.x)" y="\(place.y)" width="\(Self.width)" height="\(Self.height)" rx="6"/><text class="sign \(node.mark.style)" x="\(place.x + 14)" y="\(place.y + 20)">\(node.mark.sign)</text><text class="title" x="\(place.x + 34)" y="\(place.y + 20)">\(Markup.cut(node.name, 28))</text><text class="muted" x="\(place.x + 34)" y="\(place.y + 36)">\(Markup.cut(node.words, 34))</text></g>
            """
    }

    private func link(_ index: Int, _ node: ReplicationPicture.Node) -> Markup? {
        guard let upstream = node.upstream, let from = picture.nodes.firstIndex(where: { $0.name == upstream }) else {
            return nil
        }
        let (start, end) = (place(from), place(index))
        let (x, y, bottom) = (start.x + Self.width / 2, end.y + Self.height / 2, start.y + Self.height)
        return """
            <g class="way \(node.mark.style)"><path d="M\(x) \(bottom)V\(y)H\(end.x)"/><text class="muted" x="\(end.x - 8)" y="\(y - 6)" text-anchor="end">\(node.lag)</text></g>
            """
    }
}
